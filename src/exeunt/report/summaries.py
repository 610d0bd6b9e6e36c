"""Summaries of long work that ship with the package: what the commands wrote, with the fingerprint of what they rested on."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from exeunt.answers import Message
from exeunt.argument.argument import read
from exeunt.report.data import _Argued, _Compared, _FedBack, _Futures, _Score

FOLDER: Final = Path(__file__).parent / "summaries"
ARGUMENTS: Final = {"usa-2026-01": "argument"}
"""Case → the summary of the argument about it."""
TESTED: Final = ("argument", "argument.case-for-batch-2026", "argument.literature-on-exit")
"""Summaries of the shipped arguments: a critique, the case for leaving, the literature."""


@cache
def _summary(name: str) -> dict[str, Any] | None:
    """One summary, or None where the package has none of this name.

    Returns
    -------
    {made, command, sha256, content}
    """
    try:
        found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    except OSError:
        return None
    return found


def _messages(found: list[dict[str, Any]]) -> tuple[Message, ...]:
    return tuple(Message(**each) for each in found)


def _compared() -> _Compared | None:
    """The rivals compared and the back-tested lists, from their summaries."""
    scores, back = _summary("comparison"), _summary("backtest")
    if scores is None or back is None:
        return None
    content, tested = scores["content"], back["content"]
    return _Compared(
        outcome=content["outcome"],
        first_origin=content["origins"][0],
        last_origin=content["origins"][-1],
        scores=tuple(
            _Score(
                m["model"], m["horizon"], m["rows"], m["events"], m["skill"], m["skill_low"], m["skill_high"],
                m["beats_history"], _messages(m["doubts"]),
            )
            for m in content["models"]
        ),
        verdicts=tuple((v["explanation"], v["term"], _messages(v["verdict"])) for v in content["verdicts"]),
        hits=tuple(
            (h["model"], h["horizon"], h["listed"], h["hits"], h["by_chance"], h["exits"]) for h in tested["hits"]
        ),
        inside=tested["inside"],
        totals=tested["totals"],
        fingerprint=f"{scores['sha256'][:12]}, {back['sha256'][:12]}",
        commands=(scores["command"], back["command"]),
    )  # fmt: skip


def _fed_back() -> _FedBack | None:
    """Whether leaving feeds on itself, from the summary of `exeunt feedback`."""
    found = _summary("feedback")
    if found is None:
        return None
    content = found["content"]
    return _FedBack(
        outcomes=tuple(
            {k: one[k] for k in ("outcome", "R", "R_influence", "R_upper", "G_interval", "p_self_sustaining",
                                 "p_self_sustaining_upper", "status")}
            for one in (content, *content["beside"])
        ),
        year=content["year"],
        years=content["horizon_years"],
        channels=tuple(content["channels"]),
        placebos=tuple(content["placebos"]),
        cut_loop=content["cut_loop"],
        warnings=_messages(content["warnings"]),
        fingerprint=found["sha256"][:12],
        command=found["command"],
    )  # fmt: skip


def _futures() -> _Futures | None:
    """The scenarios beside the baseline, from their summary."""
    found = _summary("scenarios")
    if found is None:
        return None
    content = found["content"]
    return _Futures(
        worlds=content["worlds"],
        years=content["years"],
        seed=content["seed"],
        first_year=content["first_year"],
        rows=tuple(content["scenarios"]),
        fingerprint=found["sha256"][:12],
        command=found["command"],
    )


def argued(case: str) -> _Argued | None:
    """The argument about a case with its verdicts; None where none is shipped."""
    return _argued(ARGUMENTS[case]) if case in ARGUMENTS else None


def arguments() -> tuple[_Argued, ...]:
    """Every shipped argument with its verdicts."""
    return tuple(found for name in TESTED if (found := _argued(name)) is not None)


def _argued(name: str) -> _Argued | None:
    found = {lang: _summary(f"{name}.{lang}") for lang in ("en", "zh-Hant")}
    answers = {lang: one["content"] for lang, one in found.items() if one is not None}
    if len(answers) < 2:
        return None
    variables = read(answers["en"]["argument"]).variables
    one = found["en"] or {}
    return _Argued(
        answers=answers,
        labels={
            "en": {key: v.label for key, v in variables.items()},
            "zh-Hant": {key: v.label_zh or v.label for key, v in variables.items()},
        },
        fingerprint=one["sha256"][:12],
        command=one["command"],
    )
