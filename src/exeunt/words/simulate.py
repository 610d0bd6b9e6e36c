"""Words of simulated worlds, English and Traditional Chinese side by side."""

from __future__ import annotations

from typing import Final

SIMULATE: Final[dict[str, tuple[str, str]]] = {
    "why.Constraint": ("distance and capability", "與其他成員之偏好距離及能力"),
    "why.Decline": ("change of capability", "十年間能力之變化"),
    "why.Diffusion": ("recent exits, here or its own", "近三年該機構或該國之退出"),
    "why.common": ("tenure and memberships", "會籍年資與所屬機構數"),
    "why.state": ("state leaves more often", "該國退出多於各項因素所示"),
    "why.times": ("{what}: {factor} x the median member", "{what}：為成員中位數之{factor}倍"),
    "why.plain": ("nothing stands out", "無一因素明顯高於中位數"),
    "event.leaves": ("leaves", "退出"),
    "simulate.joins_not_ok": (
        "the join hazard has the status {status}; counts of joins are to be read with that in mind.",
        "加入風險模型的狀態為 {status}，解讀加入次數時應留意。",
    ),
    "simulate.carried": (
        "{carried:number} of {held:number} memberships at the opening of {year} are carried forward from earlier years.",
        "{year} 年初的 {held:number} 項會籍中，有 {carried:number} 項沿用較早年份的狀態。",
    ),
    "simulate.not_simulated": ("not among the bodies simulated: {bodies:body}", "未納入模擬的機構：{bodies:body}"),
    "simulate.not_a_member": (
        "{state:state} is not a member of {body:body} when the worlds open",
        "模擬開始時，{state:state}並非 {body:body} 的會員",
    ),
    "event.joins": ("joins", "加入"),
    "event.ends": ("ends", "終止"),
    "event.begins": ("begins", "成立"),
    "event.founds": ("founds", "創立"),
}
