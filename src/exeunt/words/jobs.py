"""What a simulation says of itself on its page, in Traditional Chinese: what went wrong, was left undone, is worth."""

from __future__ import annotations

from typing import Final

LINES: Final[dict[str, str]] = {
    "hits of lists of a hundred memberships at every origin 1990-2013, ranked by the common structure alone (tenure, size, "
    "age, memberships, effects of state, body and year). The law simulated here has six terms more and was not "
    "back-tested itself.":
        "1990至2013年每一起點各列百項會籍之命中數，僅依共通結構（在會年數、規模、機構年齡、會籍數，"
        "以及國家、機構與年份效應）排序。此處模擬之模型另有六項，本身未經回溯檢驗。",
}  # fmt: skip
PATTERNS: Final[tuple[tuple[str, str], ...]] = (
)  # fmt: skip
