"""Our own notes and warnings, told in the reader's language; None where a wording is not known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from exeunt.words import day, jobs

PLACEBOS: Final = {"leads": "其後各年之退出", "permuted years": "年份打亂", "unrelated bodies": "無關機構"}
LINES: Final[dict[str, str]] = {
    "the bounds do not decide: what comes together in one year may be influence or a common occasion, and annual data do "
    "not tell which.": "兩種界限未能判定：同年一併發生者，可能出於影響，亦可能出於共同時機，年度資料無從分辨。",
}  # fmt: skip
"""Wordings that stand whole, semicolons and all."""
_DAY = r"[0-9X/.~?%-]+"
PATTERNS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), chinese)
    for pattern, chinese in (
        (r"(?:a placebo|placebos) failed \((?P<placebos>[^)]+)\): counts that cannot have moved anybody go with leaving "
         r"too, so those of the hazard may stand in for something else\.",
         "安慰劑檢驗未通過（{placebos}）：不可能產生影響之計數亦與退出相伴，故模型所用計數可能代表其他因素。"),
        (r"neither contagion nor momentum lies beyond what shuffled years give, which spread up to (?P<x>[\d.]+) times "
         r"as wide as the error of one fit: exits that come in bundles make the intervals here too narrow\.",
         "擴散與慣性均未超出年份打亂後所得之範圍，後者之散布可達單次估計誤差之 {x} 倍：退出成批發生，使此處區間過窄。"),
        (r"in worlds of known R the interval held the truth in (?P<a>\d+) to (?P<b>\d+) % of worlds, by kind of world; "
         r"where there was no influence R without depletion still read (?P<c>[\d.]+) to (?P<d>[\d.]+), for it is never "
         r"below 0; where exits come in bundles of body-years, as they do in the data, R above 0 was too low by "
         r"(?P<e>[\d.]+) to (?P<f>[\d.]+)\.",
         "在已知 R 之模擬世界中，依世界種類，區間於 {a}% 至 {b}% 之世界含真值；無影響時，不計耗竭之 R 仍讀得 {c} 至 {d}，"
         "因其不低於 0；退出依機構與年份成批發生時（資料即如此），大於 0 之 R 低估 {e} 至 {f}。"),
        (r"the hazard is fitted to rows up to (?P<y>\d+); (?P<z>\d+) is beyond them, and memberships since (?P<x>\d+) are "
         r"carried forward where no act is known\.",
         "風險率依{y}年以前之資料估計；{z}年已在其外，且{x}年以後無已知行為者，會籍沿用先前狀態。"),
        *jobs.PATTERNS,
    )
)  # fmt: skip


def noted(text: str, states: Mapping[str, str] | None = None) -> str | None:
    """A note of ours in Traditional Chinese, or None where its wording is not known.

    Parameters
    ----------
    text : the note; several joined by semicolons are told part by part, all or none
    states : state code → its Chinese name, for notes that name states by code
    """
    whole = _one(text, states or {})
    if whole is not None or "; " not in text:
        return whole
    parts = [_one(part, states or {}) for part in text.split("; ")]
    return None if None in parts else "；".join(part for part in parts if part)


def _one(text: str, states: Mapping[str, str]) -> str | None:
    whole = LINES.get(text) or jobs.LINES.get(text)
    if whole is not None:
        return whole
    for pattern, chinese in PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            values = {name: _value(name, value or "", states) for name, value in found.groupdict().items()}
            if None not in values.values():
                return chinese.format(**values)
    return None


def _value(name: str, value: str, states: Mapping[str, str]) -> str | None:
    match name:
        case "day" | "until":
            return day(value, "zh-Hant")
        case "state":
            return states.get(value, value)
        case "placebos":
            return "、".join(PLACEBOS.get(one, one) for one in value.split(", "))
        case _:
            return value
