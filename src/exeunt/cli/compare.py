"""The command that holds the rivals side by side."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from exeunt.cli.command import Arguments, Command, add_format

PARTS = ("scores", "terms", "pooled", "ranks")


def _compare(options: argparse.Namespace) -> int:
    """Score every account on equal rows, hold its terms under every outcome, and test the ranks since 2014."""
    from exeunt.cli.command import kept
    from exeunt.core.cache import ROOMS
    from exeunt.core.export import emit, require_file
    from exeunt.core.progress import Progress
    from exeunt.explain.explanations import RIVALS
    from exeunt.explain.rolling import OUTCOME, splits
    from exeunt.record.opened import open_record

    require_file(options.format, options.out)
    parts = options.part or list(PARTS)
    rivals = (*RIVALS, *_own(options))
    record, progress = open_record(), Progress(options.quiet)
    rivals_key = [(r.name, r.terms) for r in rivals]
    found: dict[str, Any] = {"outcome": OUTCOME, "origins": list(splits().origins), "horizons": list(splits().horizons)}
    if "scores" in parts:
        found["models"] = _scores(record, rivals, options.workers, progress)
    if "terms" in parts:
        found |= kept("terms", record, ROOMS, lambda: _terms(record, rivals, progress), rivals=rivals_key)
    if "pooled" in parts:
        found["pooled"] = kept("pooled", record, ROOMS, lambda: _pooled(record, progress))
    if "ranks" in parts:
        found["ranks"] = kept("ranks", record, ROOMS, lambda: _ranks(record, rivals, progress), rivals=rivals_key)
    if options.format == "json":
        emit([found], "json", options.out, single=True)
    elif options.format == "table" and options.out is None:
        _print(found, options.lang)
    else:
        rows = found["models" if "models" in found else next(k for k in ("terms", "pooled", "ranks") if k in found)]
        emit([{**r, "doubts": _says(r["doubts"], options.lang)} if "doubts" in r else r for r in rows],
             options.format, options.out)  # fmt: skip
    return 0


def _own(options: argparse.Namespace) -> list[Any]:
    from exeunt.core.errors import UsageError
    from exeunt.explain.explanations import from_formula, from_toml

    own = [from_toml(Path(path)) for path in options.own or ()]
    for text in options.formula or ():
        name, sign, formula = text.partition("=")
        if not sign:
            raise UsageError(
                f"--formula {text!r} has no name; write NAME=FORMULA, such as Mine='distance * authority'."
            )
        own.append(from_formula(name.strip(), formula))
    return own


def _scores(record: Any, rivals: Any, workers: int, progress: Any) -> list[dict[str, Any]]:
    from exeunt.explain.compare import table

    began = time.monotonic()
    first: list[int] = []

    def say(done: int, total: int) -> None:
        if not first:
            first.append(done)
        made = done - first[0]
        left = (
            f", about {(time.monotonic() - began) / made * (total - done):.0f} s left" if made and done < total else ""
        )
        if done < total or made:
            progress.say(f"scores: {done} of {total} parts{left}")

    return [row.as_dict() for row in table(record, rivals, workers, say)]


def _terms(record: Any, rivals: Any, progress: Any) -> dict[str, Any]:
    from exeunt.explain.estimates import PUBLISHED, estimates, verdict

    found = estimates(record, rivals, say=progress.say)
    keys = list(dict.fromkeys((e.explanation, e.term) for e in found))
    verdicts = []
    for name, term in keys:
        said = verdict([e for e in found if (e.explanation, e.term) == (name, term)])
        verdicts.append({"explanation": name, "term": term, "verdict": [each.as_dict() for each in said]})
    distance = [e.as_dict() for e in found if e.term == PUBLISHED["term"] and e.explanation == "Constraint"]
    return {"terms": [e.as_dict() for e in found], "verdicts": verdicts, "published": {**PUBLISHED, "ours": distance}}


def _pooled(record: Any, progress: Any) -> list[dict[str, Any]]:
    from exeunt.explain.estimates import beside, fitted
    from exeunt.explain.explanations import COMMON, Diffusion
    from exeunt.panel.build import exit_panel

    with progress.step("pooled beside crossed", 10):
        made, _ = fitted(record, Diffusion, "cleaned")
        panel = exit_panel(record, "cleaned", terms=(*Diffusion.terms, *COMMON))
        return beside(panel, made)


def _ranks(record: Any, rivals: Any, progress: Any) -> list[dict[str, Any]]:
    from exeunt.explain.compare import ranked

    return [row.as_dict() for row in ranked(record, rivals, progress.say)]


def _says(messages: list[dict[str, Any]], lang: str) -> str:
    from exeunt.answers import Message
    from exeunt.i18n.messages import said

    return said([Message(**each) for each in messages], lang)


def _print(found: dict[str, Any], lang: str) -> None:
    from exeunt.core.export import emit
    from exeunt.explain.compare import ASCERTAINMENT

    if "models" in found:
        origins = found["origins"]
        print(
            f"Scores on {found['outcome']}, origins {origins[0]}–{origins[-1]}. Skill: share by which the log score is lower "
            "than that of the common structure (of the common structure: than a constant rate), on the same rows.\n"
        )
        rows = []
        for m in found["models"]:
            rows.append(
                {"model": m["model"], "years": m["horizon"], "rows": f"{m['rows']:,}", "exits": m["events"],
                 "log score": f"{m['log_score']:.5f}", "skill": f"{100 * m['skill']:+.1f} %",
                 "95 % interval": f"{100 * m['skill_low']:+.1f} to {100 * m['skill_high']:+.1f}",
                 "brier": f"{m['brier']:.6f}", "calibration": f"{m['calibration']:.2f}",
                 **{f"vs {k.replace('_', ' ')}": f"{100 * v[0]:+.1f} %" for k, v in m["skills"].items() if k not in {"common"}},
                 "doubts": _says(m["doubts"], lang)}
            )  # fmt: skip
        emit(rows, "table", None)
        print()
    if "terms" in found:
        print("Terms: log rate ratio per standard deviation, 95 % interval, beside the common structure.\n")
        emit([_estimate(t) for t in found["terms"]], "table", None)
        print()
        emit([{**v, "verdict": _says(v["verdict"], lang)} for v in found["verdicts"]], "table", None)
        ours = ", ".join(
            f"{e['estimate']:+.2f} [{e['low']:+.2f}, {e['high']:+.2f}] on {e['outcome']}"
            for e in found["published"]["ours"]
        )
        print(f"\nPreference distance: {ours}. Published sign: + ({found['published']['source']}).\n")
    if "pooled" in found:
        print("Exits of others from the body in three years, pooled beside crossed, on the same rows.\n")
        emit(
            [
                {"law": p["law"], "estimate": f"{p['estimate']:+.3f}",
                 "95 % interval": f"{p['conf_low']:+.3f} to {p['conf_high']:+.3f}",
                 "rows": f"{p['rows']:,}", "exits": p["events"]}
                for p in found["pooled"]
            ], "table", None,
        )  # fmt: skip
        print(f"\n{found['pooled'][0]['reason']}\n")
    if found.get("ranks"):
        first = found["ranks"][0]
        print(
            f"Ranks: fitted to {first['origin']}, documented exits {first['origin']}–{first['last_year']}; 0.5 is chance.\n"
        )
        emit(
            [{"model": r["model"], "rows": f"{r['rows']:,}", "exits": r["events"], "mean rank": f"{r['mean_rank']:.3f}",
              "95 % interval": f"{r['low']:.3f} to {r['high']:.3f}", "among the first 100": r["top"]} for r in found["ranks"]],
            "table", None,
        )  # fmt: skip
        print(f"\nRead it with care: {ASCERTAINMENT}.")


def _estimate(t: dict[str, Any]) -> dict[str, Any]:
    expected = {1: "+", -1: "−", None: ""}[t["expected_sign"]]
    return {
        "explanation": t["explanation"], "term": t["term"], "outcome": t["outcome"], "span": t["span"],
        "rows": f"{t['rows']:,}", "exits": t["events"],
        "estimate": None if t["estimate"] is None else f"{t['estimate']:+.3f}",
        "95 % interval": None if t["low"] is None else f"{t['low']:+.3f} to {t['high']:+.3f}", "claimed": expected,
        "status": t["status"].replace("not_checked", "estimated"),
    }  # fmt: skip


def _arguments(to: Arguments) -> None:
    to.add_argument("--part", action="append", choices=PARTS, help="only this part; may be repeated")
    to.add_argument("--own", action="append", metavar="FILE", help="an account of yours in TOML; may be repeated")
    to.add_argument(
        "--formula", action="append", metavar="NAME=FORMULA",
        help='an account of yours, as in Mine="distance * authority"',
    )  # fmt: skip
    to.add_argument("--workers", type=int, default=2, metavar="N", help="processes (default: 2)")
    add_format(to)


COMMANDS = (
    Command("compare", "score the rival accounts on equal rows, and hold their terms under every outcome", _compare,
            _arguments),
)  # fmt: skip
