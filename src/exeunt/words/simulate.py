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
    "event.joins": ("joins", "加入"),
    "event.ends": ("ends", "終止"),
    "event.begins": ("begins", "成立"),
    "event.founds": ("founds", "創立"),
}
