"""Hold every shipped scenario against the baseline, in the same worlds: `make summaries`.

Writes tests/reference/scenarios.json, from which `scripts/summaries.py` cuts what the report shows. The worlds are those of
`exeunt simulate NAME --worlds 500 --years 25`, kept as parts: the baseline's are made once, and a run that was cut off goes
on. Another number of worlds may be given, to try it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from exeunt.core.progress import Progress
from exeunt.record.opened import open_record
from exeunt.simulate.results import BASELINE, _of_scenario
from exeunt.simulate.runs import How
from exeunt.simulate.scenario import scenario, shipped
from exeunt.simulate.setting import opened

WORLDS, YEARS, SEED = 500, 25, 1
KEPT: Final = Path(__file__).resolve().parent.parent / "tests" / "reference" / "scenarios.json"
OF_EACH: Final = ("scenario", "exits_total", "joins_total", "paired", "not_done")


def main(worlds: int) -> None:
    """Make the worlds and write what they show."""
    record, progress = open_record(), Progress()
    found = opened(record, YEARS, progress)
    made: list[dict[str, Any]] = []
    for name in sorted(shipped(), key=lambda one: (one != BASELINE, one)):
        told = scenario(name, record, found.start, found.exit_fit, found.join_fit)
        with progress.step(name):
            made.append(_of_scenario(record, found, told, worlds, SEED, How(2), progress, {}))
    same = {key: made[0][key] for key in ("worlds", "years", "seed", "first_year", "record", "exit_fit", "join_fit")}
    answer = {**same, "scenarios": [{key: one[key] for key in OF_EACH} for one in made]}
    KEPT.write_text(json.dumps(answer, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(KEPT.name)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else WORLDS)
