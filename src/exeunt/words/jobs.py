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
    (r"(?P<n>[\d,]+) of (?P<m>[\d,]+) memberships at the opening of (?P<year>\d+) are carried forward from earlier years\.",
     "{year}年初之{m}項會籍中，{n}項沿用先前年份。"),
    (r"not among the bodies simulated: (?P<name>.+)", "不在模擬機構之列：{name}"),
    (r"(?P<state>[A-Z]{3}) is no member of (?P<name>\w+) when the worlds open", "模擬開始時，{state}並非 {name} 之會員"),
    (r"The join hazard has the status (?P<name>\w+); numbers that rest on joins are not to be relied upon\.",
     "加入模型之狀態為 {name}；以加入為據之數字不足憑信。"),
    (r"The join hazard is not calibrated \((?P<name>[^)]+)\): with year effects and bundles drawn anew it expects (?P<n>\d+) "
     r"joins where (?P<m>\d+) were observed; numbers that rest on joins are not to be relied upon\.",
     "加入模型未通過校準（{name}）：重抽年份效應與成批行為後，預期加入{n}次，實際觀察{m}次；以加入為據之數字不足憑信。"),
)  # fmt: skip
