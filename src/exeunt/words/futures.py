"""Words of the report on futures under scenarios beside the baseline; English and Traditional Chinese."""

from __future__ import annotations

from typing import Final

FUTURES: Final[dict[str, tuple[str, str]]] = {
    "futures.title_largest": (
        "Of the scenarios, “{name}” differs most from the baseline: {mean} exits over {years} years",
        "各情境中，「{name}」與基準相差最大：{years}年間退出次數 {mean}",
    ),
    "futures.title_none": (
        "No scenario changes the number of exits of {years} years beyond the error of {worlds} worlds",
        "{years}年間，各情境退出次數與基準之差均未超出{worlds}個世界之誤差",
    ),
    "futures.sub": (
        "Exits of {years} years in the same worlds with and without the scenario: mean difference with the 95 % interval of "
        "the mean; hollow: the interval holds 0",
        "相同世界施加與不施加情境，{years}年間退出次數之平均差與平均值之 95% 區間；空心：區間含 0",
    ),
    "futures.desc": (
        "One line a scenario, the largest difference first.",
        "每一情境一列，依差異大小排列。",
    ),
    "futures.baseline": (
        "The baseline itself holds {median} exits in {first}–{last} (95 % of {worlds} worlds: {low} to {high}).",
        "基準本身於{first}–{last}年有 {median} 次退出（{worlds}個世界之 95% 介於 {low} 至 {high}）。",
    ),
    "futures.table": ("Every scenario beside the baseline", "各情境與基準之比較"),
    "futures.caption": (
        "Difference from the baseline over all years, same worlds: mean, 95 % interval of the mean, 95 % of the worlds",
        "各年合計與基準之差（相同世界）：平均值、平均值之 95% 區間、95% 世界之範圍",
    ),
    "futures.head.scenario": ("Scenario", "情境"),
    "futures.head.per_year": ("Exits a year", "每年退出次數"),
    "futures.head.exits": ("Exits", "退出"),
    "futures.head.joins": ("Joins", "加入"),
    "futures.head.memberships": ("Memberships at the end", "期末會籍數"),
    "futures.of_worlds": ("95 % of the worlds: {low} to {high}", "95% 世界：{low} 至 {high}"),
    "futures.says_not": ("What a difference does not say", "差異所不能說明者"),
    "futures.not.1": (
        "That a scenario will come, or how likely it is: each is laid down, not estimated.",
        "某一情境是否發生或可能性多大：各情境均為設定，並非估計。",
    ),
    "futures.not.2": (
        "What leaving does in the world: it is what the fitted law makes of the change, and the law is of association.",
        "退出在現實中之作用：此為估計所得規律對該項改變之推演，而該規律僅反映相關。",
    ),
    "futures.not.3": (
        "How far the law itself may be wrong: the interval of the mean shrinks with the number of worlds and holds the chance "
        "of the draws alone.",
        "規律本身可能有多大誤差：平均值之區間隨世界數增加而縮小，僅含抽樣之機遇。",
    ),
    "futures.not.4": (
        "Anything on bodies outside the model: of the bodies of the case of January 2026, {missing} are not among those "
        "simulated.",
        "模型以外之機構：2026年1月案例所列機構中，有{missing}個不在模擬之列。",
    ),
    "futures.run": ("One of them again, with its years and bodies:", "重算其中一項（含逐年與各機構結果）："),
}
