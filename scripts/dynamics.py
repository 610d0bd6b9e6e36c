"""Put the laws of a world besides the hazards into `docs/method/dynamics.md`.

`python scripts/dynamics.py` writes the tables between the marks from `tests/reference/dynamics.json`; `--measure` first
estimates everything anew from the record and keeps it there (ten minutes). A test holds page and file together.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import marks

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "method" / "dynamics.md"
FOUND = ROOT / "tests" / "reference" / "dynamics.json"
SPANS = ((1946, 2013), (1975, 2013))
SPANS_WITH_AGE = ((1946, 2013), (1966, 2013), (1970, 2013), (1975, 2013))
SEED = 1


def measure(say: Any = lambda line: sys.stderr.write(f"  {line}\n")) -> dict[str, Any]:
    """Every estimate, and what each join law predicts of its own rows."""
    from dataclasses import asdict

    from exeunt.explain.body_lifecycle import LONGER_SPAN, deaths
    from exeunt.explain.fit import Fit, fit
    from exeunt.explain.joining import JOIN_LAW, JOIN_SPAN, join_fit, join_rows
    from exeunt.panel.build import covariates, join_panel
    from exeunt.panel.terms import JOIN_TERMS
    from exeunt.record.opened import open_record
    from exeunt.simulate.dynamics import estimate

    record = open_record()
    cov = covariates(record, "cleaned")
    four = tuple(term.name for term in JOIN_TERMS)

    def row(law: str, span: tuple[int, int], made: Fit) -> dict[str, Any]:
        check = made.calibration
        assert check is not None
        say(f"{law}, {span[0]} to {span[1]}: {made.status}, {check.predicted_total:.0f} for {check.total[0]:.0f}")
        return {
            "law": law, "first_year": span[0], "last_year": span[1], "rows": made.rows, "joins": made.events,
            "state_year": made.bundles.state_year, "body_year": made.bundles.body_year, **asdict(check),
            "fails": list(check.failures), "status": made.status,
        }  # fmt: skip

    law = join_fit(record, cov, seed=SEED)
    joins = [row("four terms, twenty rows to a join", (1946, 2013), fit(join_panel(record, cov=cov), seed=SEED))]
    for span in SPANS:
        joins.append(row("four terms, every row", span, fit(join_rows(record, cov, span, four), seed=SEED)))
    for span in SPANS_WITH_AGE:
        made = law if span == JOIN_SPAN else fit(join_rows(record, cov, span, JOIN_LAW), seed=SEED)
        joins.append(row("with the body's age", span, made))
    coefficients = [
        {"term": name, "estimate": float(b), "error": float(e), "centre": float(c), "scale": float(s)}
        for name, b, e, c, s in zip(law.names[1:], law.beta[1:], law.standard_errors[1:], law.scaling.centre,
                                    law.scaling.scale, strict=True)
    ]  # fmt: skip
    laws = estimate(record, cov)
    kept = asdict(replace(laws, births=replace(laws.births, founders=[], bodies=[])))
    kept.pop("laid")
    kept["deaths_longer"] = asdict(deaths(cov, LONGER_SPAN))
    founders = sorted(len(f) for f in laws.births.founders)
    return {
        **kept, "founders": [founders[0], float(np.median(founders)), founders[-1]],
        "joins": joins, "join_coefficients": coefficients, "join_sd": law.sd.tolist(),
    }  # fmt: skip


def death_terms(found: dict[str, Any]) -> list[str]:
    """Coefficients of the hazard of a body's end."""
    names = ("intercept", "log(1 + members)", "log(1 + age)", "vitality")
    d = found["deaths"]
    lines = ["| term | log rate ratio [95 %] |", "|---|---|"]
    for number, name in enumerate(names):
        b, s = d["coefficients"][number], d["covariance"][number][number] ** 0.5
        lines.append(f"| {name} | {b:+.2f} [{b - 1.96 * s:+.2f}, {b + 1.96 * s:+.2f}] |")
    return lines


def death_decades(found: dict[str, Any]) -> list[str]:
    """Ends observed and expected by decade, and after the span; beside it the hazard of a longer span."""
    d, longer = found["deaths"], found["deaths_longer"]
    lines = ["| hazard fitted to | years | body-years | ends observed | ends expected |", "|---|---|---|---|---|"]
    for one in (d, longer):
        span = f"{one['first_year']}–{one['last_year']}"
        for (first, last, rows, observed, expected), after in [(p, "") for p in one["decades"]] + [
            (one["after"], ", not fitted")
        ]:
            lines.append(f"| {span} | {first:.0f}–{last:.0f}{after} | {rows:,.0f} | {observed:.0f} | {expected:.1f} |")
    return [
        *lines, "",
        *(
            f"{one['first_year']}–{one['last_year']}: {one['rows']:,} body-years, {one['events']} ends; squared Pearson "
            f"residuals of the yearly counts over years {one['dispersion']:.2f}, p = {one['dispersion_p']:.3f}."
            for one in (d, longer)
        ),
    ]  # fmt: skip


def births(found: dict[str, Any]) -> list[str]:
    """New bodies a year."""
    b = found["births"]
    years, total = len(b["counts"]), sum(b["counts"])
    counts = ", ".join(map(str, b["counts"]))
    mean = (total + 0.5) / years
    spread = (mean / years + b["frailty"] * mean**2 / years) ** 0.5
    low, middle, high = found["founders"]
    return [
        f"{total} bodies in {b['first_year']}–{b['last_year']}: {counts}. Posterior of the yearly number: mean {mean:.2f}, "
        f"standard deviation {spread:.2f}. Variance of the yearly factor {b['frailty']:.2f}, which gains {b['gain']:.1f} of "
        f"log-likelihood over Poisson counts. Founders: {low} to {high}, median {middle:.0f}. {b['without_members']} more "
        f"bodies first coded in these years have no full member in their first five and are not counted. Founded in "
        f"{b['after'][0]}–{b['after'][1]}: {b['after'][2]}."
    ]


def returns(found: dict[str, Any]) -> list[str]:
    """Joins of pairs that left."""
    from scipy.stats import gamma

    r = found["returns"]
    lines = [
        "| years since the exit | pair-years | joins observed | joins expected | ratio [95 %] |",
        "|---|---|---|---|---|",
    ]
    for name, rows, observed, expected in zip(
        ("1–2", "3–5", "6–10", "11 and more"), r["rows"], r["observed"], r["expected"], strict=True
    ):
        low, middle, high = gamma.ppf([0.025, 0.5, 0.975], observed + 0.5) / expected
        lines.append(f"| {name} | {rows:,} | {observed} | {expected:.1f} | {middle:.2f} [{low:.2f}, {high:.2f}] |")
    return lines


def positions(found: dict[str, Any]) -> list[str]:
    """Differences of ideal points over more years."""
    w = found["position"]
    lines = ["| years apart | differences | mean square | line |", "|---|---|---|---|"]
    lines += [f"| {k:.0f} | {n:,.0f} | {m:.4f} | {line:.4f} |" for k, n, m, line in w["mean_square"]]
    low, high = (w["sd_step"] * np.exp(z * 1.96 * w["log_error"]) for z in (-1, 1))
    return [
        *lines, "",
        f"σ_w = {w['sd_step']:.3f} ({low:.3f} to {high:.3f}), σ_e = {w['sd_error']:.3f}; {w['states']} states, "
        f"{w['cells']:,} values, {w['first_year']}–{w['last_year']}. Variance of a step common to all states: "
        f"{100 * w['common']:.1f} % of σ_w².",
    ]  # fmt: skip


def equations(found: dict[str, Any]) -> list[str]:
    """What is taken from the equations of standing and capability."""
    lines = ["| attribute | own exit | σ_w | φ | state-years | exits | status |", "|---|---|---|---|---|---|---|"]
    for name in ("capability", "standing"):
        e = found[name]
        half = 1.96 * e["response_error"]
        low, high = (e["sd"] * np.exp(z * 1.96 * e["log_error"]) for z in (-1, 1))
        lines.append(
            f"| {name} | {e['response']:+.4f} [{e['response'] - half:+.4f}, {e['response'] + half:+.4f}] | {e['sd']:.3f} "
            f"[{low:.3f}, {high:.3f}] | {e['phi']:.4f} | {e['cells']:,} | {e['exits']} | {e['status'].replace('_', ' ')} |"
        )
    return lines


def join_laws(found: dict[str, Any]) -> list[str]:
    """What each join law predicts of its own rows."""
    lines = [
        "| law | years | joins | expected | frailties | largest state-year | largest body-year | fails |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for j in found["joins"]:
        bundles = f"{j['state_year']:.2f}, {j['body_year']:.2f}"
        largest = [
            f"{j[name][0]:.0f} in {j[name][1]:.0f} to {j[name][2]:.0f}"
            for name in ("largest_state_year", "largest_body_year")
        ]
        fails = ", ".join(name.replace("_", " ") for name in j["fails"]) or "nothing"
        lines.append(
            f"| {j['law']} | {j['first_year']}–{j['last_year']} | {j['joins']:,} | {j['predicted_total']:,.0f} "
            f"({100 * (j['predicted_total'] / j['total'][0] - 1):+.1f} %) | {bundles} | {largest[0]} | {largest[1]} | {fails} |"
        )
    return lines


def join_terms(found: dict[str, Any]) -> list[str]:
    """Coefficients of the join law that simulations use."""
    lines = ["| term | log rate ratio per standard deviation [95 %] |", "|---|---|"]
    for c in found["join_coefficients"]:
        b, s = c["estimate"], c["error"]
        lines.append(f"| `{c['term']}` | {b:+.2f} [{b - 1.96 * s:+.2f}, {b + 1.96 * s:+.2f}] |")
    state, body, year = found["join_sd"]
    return [*lines, "", f"Standard deviations of the effects: state {state:.2f}, body {body:.2f}, year {year:.2f}."]


PARTS = {
    "death terms": death_terms, "death decades": death_decades, "births": births, "returns": returns, "positions": positions,
    "equations": equations, "join laws": join_laws, "join terms": join_terms,
}  # fmt: skip


def filled() -> str:
    """The page with every part between its marks written anew."""
    return marks.filled(PAGE, PARTS, json.loads(FOUND.read_text(encoding="utf-8")))


if __name__ == "__main__":
    if "--measure" in sys.argv[1:]:
        text = json.dumps(measure(), ensure_ascii=False, indent=1) + "\n"
        FOUND.write_text(text, encoding="utf-8")
    PAGE.write_text(filled(), encoding="utf-8")
    sys.stdout.write(f"written: {PAGE.relative_to(ROOT)}\n")
