"""What a simulation says of itself on its page, in Traditional Chinese: what went wrong, was left undone, is worth."""

from __future__ import annotations

from typing import Final

LINES: Final[dict[str, str]] = {
    "the simulation could not be run.": "模擬無法執行。",
    "the simulation gave no JSON object.": "模擬未產生 JSON 物件。",
    "hits of lists of a hundred memberships at every origin 1990-2013, ranked by the common structure alone (tenure, size, "
    "age, memberships, effects of state, body and year). The law simulated here has six terms more and was not "
    "back-tested itself.":
        "1990至2013年每一起點各列百項會籍之命中數，僅依共通結構（在會年數、規模、機構年齡、會籍數，"
        "以及國家、機構與年份效應）排序。此處模擬之模型另有六項，本身未經回溯檢驗。",
}  # fmt: skip
PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    (r"the simulation could not be run \((?P<name>.+)\)\.", "模擬無法執行（{name}）。"),
    (r"the answer has more than (?P<n>\d+) MB; ask for fewer worlds or years\.", "結果逾 {n} MB；請減少世界數或年數。"),
    (r"stopped after (?P<n>\d+) s; ask for fewer worlds or years\.", "執行{n}秒後停止；請減少世界數或年數。"),
    (r"the simulation ended with code (?P<n>-?\d+)\.", "模擬以代碼 {n} 結束。"),
)  # fmt: skip
