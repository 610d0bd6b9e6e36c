"""Run the R referees and keep their values: `make reference`.

Writes `hazard_reference.json`: for the simulated rows of `tests/simulated.py` under both links, and for the exit panel of
the embedded record, the estimates of glmer(nAGQ=0) and glmmTMB with the versions that gave them.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))


def digest(X: np.ndarray, event: np.ndarray) -> str:
    """Hash of the rows, rounded so that the last bit of a processor does not matter."""
    return hashlib.sha256(np.round(np.column_stack([X, event]), 6).tobytes()).hexdigest()[:16]


def rows_of(name: str) -> tuple[object, list[str], str]:
    """Rows, term names and link of one data set."""
    from simulated import simulated

    if name.startswith("simulated"):
        link = name.split("_")[1]
        return simulated(link=link), ["x1", "x2", "x3"], link
    from exeunt.explain.fit import design
    from exeunt.panel.build import exit_panel
    from exeunt.record.opened import open_record

    panel = exit_panel(open_record())
    return design(panel)[0], list(panel.names), "cloglog"


def main() -> None:
    """Run every data set through R."""
    chosen = sys.argv[1:] or ["simulated_cloglog", "simulated_logit", "exit_panel"]
    target = HERE / "hazard_reference.json"
    found = json.loads(target.read_text()) if target.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            rows, names, link = rows_of(name)
            data, out = Path(folder) / f"{name}.csv", Path(folder) / f"{name}.json"
            frame = {n: rows.X[:, 1 + k] for k, n in enumerate(names)}
            frame |= {n: rows.group[:, k] for k, n in enumerate(("state", "body", "year"))}
            pl.DataFrame({**frame, "event": rows.event, "weight": rows.weight}).write_csv(data)
            subprocess.run(
                [
                    "Rscript",
                    "--vanilla",
                    str(HERE / "hazard.R"),
                    str(data),
                    link,
                    str(out),
                    " + ".join(names),
                ],
                check=True,
            )
            found[name] = {"terms": names, "rows": len(rows.event), "digest": digest(rows.X, rows.event),
                           **json.loads(out.read_text())}  # fmt: skip
            print(name, json.dumps(found[name], indent=1))
    target.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
