"""Words on figures of the back-test; English and Traditional Chinese."""

from __future__ import annotations

from typing import Final

FORECAST: Final[dict[str, tuple[str, str]]] = {
    "figure.reliability.over": (
        "Observed shares rise with the predicted ones; the highest tenth expects more exits than came",
        "觀察比例隨預測機率上升；最高一成所預期之退出多於實際",
    ),
    "figure.reliability.held": (
        "Predicted and observed shares of memberships that ended, by tenth",
        "依預測機率分十組，預測與實際結束之成員資格比例",
    ),
    "figure.reliability.sub": (
        "Share of memberships that ended, observed (upwards) against predicted, both on a logarithmic scale. Model: the common "
        "structure. A point is a tenth of the memberships by probability, all origins together; its line is the 95 % interval, "
        "which takes memberships as independent. Below each point the exits behind it; on the diagonal both are equal.",
        "結束之成員資格所占比例，縱軸為觀察值，橫軸為預測值，皆為對數尺度。模型：共同結構。每點為依機率排序之一成成員資格，合併各起算年；"
        "線段為 95% 區間，假定各成員資格彼此獨立。各點下方為退出件數；對角線上兩者相等。",
    ),
    "figure.reliability.panel": (
        "Within {years} years: {rows} memberships a point",
        "{years} 年內：每點 {rows} 個成員資格",
    ),
    "figure.reliability.panel_one": ("Within a year: {rows} memberships a point", "一年內：每點 {rows} 個成員資格"),
    "figure.reliability.exits": ("exits", "退出件數"),
    "figure.reliability.predicted": ("predicted", "預測"),
    "figure.reliability.desc": (
        "Three panels, for one, three and five years, ten points each.",
        "三幅小圖，分別為一年、三年、五年，各十點。",
    ),
    "figure.pit.title": (
        "All {inside} of {origins} observed annual totals lie inside the 95 % band",
        "{origins} 個年度總數中有 {inside} 個落在 95% 區間內",
    ),
    "figure.pit.some": (
        "{inside} of {origins} observed annual totals lie inside the 95 % band",
        "{origins} 個年度總數中有 {inside} 個落在 95% 區間內",
    ),
    "figure.pit.sub": (
        "Origins by where the observed number of exits of the next year falls among the draws (PIT, 0 to 1; ties broken at "
        "random). A right law gives {expected} in each class; nineteen times in twenty between {low} and {high}, shaded. "
        "Kolmogorov-Smirnov {statistic}, p = {p}.",
        "依次年實際退出件數在模擬值中之位置（機率積分轉換，0 至 1；同值者隨機決定）將起算年分組。若法則正確，"
        "每組應有 {expected} 個；二十次中有十九次介於 {low} 與 {high} 之間（陰影）。K–S 檢定 {statistic}，p = {p}。",
    ),
    "figure.pit.axis": ("origins in the class", "該組起算年數"),
}
