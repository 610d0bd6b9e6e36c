"""Words of the report on feedback; English and Traditional Chinese."""

from __future__ import annotations

from typing import Final

LOOP: Final[dict[str, tuple[str, str]]] = {
    "nav.loop": ("Feedback", "回饋"),
    "loop.title_open": (
        "Whether leaving feeds on itself is not decided: R is {low} by the lower bound, {high} by the upper one",
        "退出是否自我延續，未能判定：R 下限為 {low}，上限為 {high}",
    ),
    "loop.title_yes": (
        "Leaving feeds on itself by both bounds: R is {low} to {high}, if the model is right",
        "若模型正確，兩種界限均顯示退出自我延續：R 為 {low} 至 {high}",
    ),
    "loop.title_no": (
        "Leaving does not feed on itself by either bound: R is {low} to {high}, if the model is right",
        "若模型正確，兩種界限均未顯示退出自我延續：R 為 {low} 至 {high}",
    ),
    "loop.page_sub": (
        "R: from 1 on, exits would bring on exits without end. Lower bound: lagged influence alone; upper bound: all that "
        "comes together in one year counted as influence. Memberships of {year}",
        "R：達 1 以上，退出將不斷引發退出。下限僅計滯後影響；上限將同年一併發生者全數計為影響。依{year}年會籍",
    ),
    "loop.sub": (
        "Further exits that one exit brings within {years} years, 95 % interval; hollow: interval holds 0",
        "一項退出在{years}年內引發之後續退出，95% 區間；空心：區間含 0",
    ),
    "loop.desc": (
        "The fitted counts first, then counts that cannot have moved anybody.",
        "首列為模型所用計數，其後為不可能影響任何國家之計數。",
    ),
    "loop.gain": (
        "In paired worlds one exit forced brings {mean} further exits within {years} years (95 % interval {low} to {high}).",
        "成對模擬中，強制一項退出，{years}年內引發後續退出 {mean} 次（95% 區間 {low} 至 {high}）。",
    ),
    "loop.failed": (
        "Placebos not passed: {names}; counts that cannot have moved anybody go with leaving too.",
        "安慰劑檢驗未通過：{names}；不可能產生影響之計數同樣與退出相伴。",
    ),
    "loop.fitted": ("counts of the hazard itself", "模型本身之計數"),
    "loop.leads": ("leads: exits of the years after", "其後各年之退出"),
    "loop.permuted_years": ("years shuffled", "年份打亂"),
    "loop.unrelated_bodies": ("unrelated bodies", "無關機構"),
    "loop.mark_passed": (" (passed)", "（通過）"),
    "loop.mark_failed": (" (not passed)", "（未通過）"),
    "loop.contagion": ("contagion: others left the body", "擴散：他國退出該機構"),
    "loop.momentum": ("momentum: the state left others", "慣性：該國退出他機構"),
    "loop.distance": ("distance to those who remain", "與留存會員之距離"),
    "loop.size": ("size of the body", "機構規模"),
    "loop.memberships": ("memberships of the state", "該國會籍數"),
    "loop.depletion": ("depletion: nobody leaves twice", "耗竭：不會退出兩次"),
    "loop.bundles": ("the same year (upper bound only)", "同年併發（僅計入上限）"),
    "loop.balancing": ("(balancing)", "（抑制）"),
    "loop.bounds": ("Bounds under every outcome", "各種退出定義下之界限"),
    "loop.bounds_caption": (
        "R by lagged influence, without depletion, and by the upper bound; G by paired worlds where the fit may draw them",
        "R：僅計滯後影響、不計耗竭、上限；G 僅在估計可供模擬時以成對世界計算",
    ),
    "loop.channels": ("Channels", "管道"),
    "loop.channels_caption": ("R of each channel alone", "各管道單獨之 R"),
    "loop.placebos_caption": (
        "Further exits by the fitted counts and by each placebo",
        "模型計數與各安慰劑計數之後續退出",
    ),
    "loop.warnings": ("How far it can be trusted", "可信程度"),
    "loop.cut": (
        "With the loop cut, {years} years of exits come to {without} and not {with_}, if the model is right.",
        "若模型正確，切斷回饋後，{years}年退出合計 {without} 次，未切斷則為 {with_} 次。",
    ),
    "head.outcome_name": ("Outcome", "退出定義"),
    "head.r": ("R, lagged", "R，滯後"),
    "head.r_influence": ("R without depletion", "R，不計耗竭"),
    "head.r_upper": ("R, upper bound", "R，上限"),
    "head.g": ("G, paired worlds", "G，成對模擬"),
    "head.status_fit": ("Calibration", "校準"),
    "head.channel": ("Channel", "管道"),
    "head.counts": ("Counts", "計數"),
    "head.further": ("Further exits (95 % interval)", "後續退出（95% 區間）"),
    "head.passed": ("Placebo", "安慰劑"),
    "value.passed": ("passed", "通過"),
    "value.failed": ("not passed", "未通過"),
}
