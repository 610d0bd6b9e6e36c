"""Titles, heads and sentences of the report, English and Traditional Chinese side by side."""

from __future__ import annotations

from typing import Final

REPORT: Final[dict[str, tuple[str, str]]] = {
    "day.day": ("{day} {month} {year}", "{year}年{month}月{day}日"),
    "day.month": ("{month} {year}", "{year}年{month}月"),
    "day.year": ("{year}", "{year}年"),
    "day.decade": ("{decade}s", "{decade}年代"),
    "day.century": ("{first} to {last}", "{first}年至{last}年"),
    "day.season": ("{first} {year} to {last} {last_year}", "{year}年{first}月至{last_year}年{last}月"),
    "day.between": ("between {first} and {last}", "{first}至{last}之間"),
    "day.since": ("since {first}", "{first}起"),
    "day.end_unknown": ("from {first}, end unknown", "{first}起，迄日不詳"),
    "day.until": ("until {last}", "至{last}止"),
    "day.start_unknown": ("until {last}, start unknown", "起日不詳，至{last}止"),
    "day.any": ("without a known date", "日期不詳"),
    "day.about": ("about {day}", "約{day}"),
    "day.uncertain": ("{day} (uncertain)", "{day}（未確定）"),
    "list.comma": (", ", "、"),
    "list.and": (" and ", "與"),
    "sep": ("; ", "；"),
    "text.full_stop": (". ", "。"),
    "page.skip": ("Skip to the content", "跳至內容"),
    "page.name": ("exeunt report", "exeunt 報告"),
    "page.contents": ("Contents", "目次"),
    "page.none": ("none in the record", "紀錄中無"),
    "page.csv": ("Download as CSV", "下載 CSV"),
    "page.footer": (
        "Made by exeunt {code} from record {record}. The report lays out results; it takes no side.",
        "由 exeunt {code} 依紀錄 {record} 產生。本報告只陳列結果，不作立場判斷。",
    ),
    "nav.top": ("In brief", "摘要"),
    "nav.bodies": ("The bodies", "機構"),
    "nav.why": ("Why", "為何"),
    "nav.next": ("What next", "其後"),
    "nav.method": ("Method", "方法"),
    "nav.sources": ("Sources", "來源"),
    "meta.as_of": ("As of", "查詢日"),
    "meta.closing": ("Record closes", "紀錄截止"),
    "meta.record": ("Record", "紀錄版本"),
    "meta.seed": ("Seed", "亂數種子"),
    "banner.beyond": (
        "{as_of} lies beyond the closing day of the record, {closing}. What is shown is what was known on "
        "{closing}; nothing later is known.",
        "{as_of}已逾紀錄截止日{closing}。以下為截至{closing}所知，其後情形不詳。",
    ),
    "top.headline": (
        "{total} bodies are listed; in {leavable} of them there is something to leave",
        "名單列{total}個機構，其中{leavable}個有可退出者",
    ),
    "top.split": (
        "{membership} memberships and {treaty} treaties can be ended. The other {rest} offer "
        "participation, funding, or nothing to leave.",
        "可終止者：會籍{membership}項、條約{treaty}項。其餘{rest}個僅有參與、出資，或無可退出。",
    ),
    "top.marks": ("Exits as of {as_of}, among the {leavable}", "{as_of}之退出進度（{leavable}項中）"),
    "mark.announced": ("announced", "宣布"),
    "mark.notified": ("notified", "通知（交存）"),
    "mark.effective": ("effective", "生效"),
    "mark.announced.note": ("the state said so", "當事國已表示"),
    "mark.notified.note": ("formal notice on record", "有正式通知可查"),
    "mark.effective.note": ("the exit took effect", "退出已發生效力"),
    "top.contested": (
        "Contested: {count}. {names}. The record does not say by whom.",
        "有爭議者{count}項：{names}。紀錄未載明由何方提出。",
    ),
    "top.contested_none": (
        "Contested: none. The record holds no objection to any of these acts.",
        "有爭議者：無。紀錄中查無對上述行為之異議。",
    ),
    "top.why": ("Why", "為何"),
    "top.next": ("What next", "其後"),
    "top.sure": ("How sure", "可信程度"),
    "why.settled_up": (
        "{name} goes with a higher hazard of leaving (× {factor}, 95 % interval {low} to {high})",
        "{name}與較高的退出風險率相伴（{factor} 倍，95% 區間 {low} 至 {high}）",
    ),
    "why.settled_down": (
        "{name} goes with a lower hazard of leaving (× {factor}, 95 % interval {low} to {high})",
        "{name}與較低的退出風險率相伴（{factor} 倍，95% 區間 {low} 至 {high}）",
    ),
    "why.unsettled": ("{names} are not settled, their intervals include 1", "{names}均未有定論，區間含 1"),
    "why.unsettled_one": ("{names} is not settled, its interval includes 1", "{names}未有定論，區間含 1"),
    "why.sub_brief": (
        "Factor on the hazard of leaving, 95 % interval; hollow: interval includes 1",
        "退出風險率倍數，95% 區間；空心：區間含 1",
    ),
    "why.head": (
        "The interval leaves out 1 for {settled} of {count} explanations; {covered} of {total} bodies can "
        "be tested",
        "{count}種解釋中{settled}種區間不含 1；{total}個機構中可檢驗{covered}個",
    ),
    "why.head_none": (
        "No explanation is settled; {covered} of {total} bodies can be tested",
        "各種解釋均未有定論；{total}個機構中可檢驗{covered}個",
    ),
    "why.same": (
        "on {names} the state does not differ from the median member here",
        "就{names}而言，該國與中位會員並無差異",
    ),
    "why.intro": ("In the {covered} bodies that the model covers: ", "在模型涵蓋的{covered}個機構中："),
    "why.none_covered": (
        "The model covers none of these bodies, so no explanation is tested on them.",
        "模型未涵蓋名單上任何機構，故無從檢驗各種解釋。",
    ),
    "next.sentence": (
        "If the model is right, all states together leave {median} times (95 % band {low} to {high}) in "
        "{first} to {last}, over all bodies in the coded data.",
        "若模型正確，{first}至{last}年間，編碼資料所收機構之各國退出合計 {median} 次（95% 區間 {low} 至 "
        "{high}）。",
    ),
    "next.refused": (
        "Nothing is simulated: the fit may not feed a simulation (calibration: {reason}).",
        "未作模擬：此估計不得用於模擬（校準：{reason}）。",
    ),
    "next.refused_long": (
        "A fit feeds a simulation only if its own predicted exits come close to the observed ones. This "
        "one does not meet that condition, so no future is drawn and no chart is shown.",
        "估計結果所預測之退出須與觀察值相近，方可用於模擬。此次未達條件，故不推演未來，也不繪圖。",
    ),
    "sure.rows": ("membership-years in the model", "模型所用會籍年數"),
    "sure.events": ("exits among them", "其中退出次數"),
    "sure.calibration": ("calibration", "校準"),
    "sure.covered": ("bodies covered, of those with something to leave", "模型涵蓋數／有可退出者"),
    "sure.carried": ("memberships at the start carried forward", "起始會籍沿用舊編碼之比例"),
    "sure.of": ("{part} of {whole}", "{part}／{whole}"),
    "bodies.title": (
        "Of {total} bodies, {leavable} have a membership or a treaty to end; {nothing} have nothing to "
        "leave at all",
        "{total}個機構中，{leavable}個有會籍或條約可終止，{nothing}個完全無可退出",
    ),
    "bodies.sub": (
        "{state}: listed bodies on {as_of}, grouped by what there is to leave",
        "{state}：{as_of}名單所列機構，依可退出者分組",
    ),
    "bodies.group": ("{what}: {count}", "{what}：{count}個"),
    "bodies.caption": (
        "{what}. Status on {as_of}, with the rule that decided it.",
        "{what}。{as_of}之狀態及其判定依據。",
    ),
    "bodies.listed": (
        "{other} outside the UN system, {un} UN entities",
        "非聯合國體系{other}個，聯合國實體{un}個",
    ),
    "bodies.contested": ("contested", "有爭議"),
    "bodies.since": ("since {day}", "自{day}起"),
    "bodies.until": ("until {day}", "至{day}"),
    "bodies.no_zh": (
        "Bodies without a Chinese name: {count}; their English names are shown.",
        "無中文名稱之機構：{count}個，以英文名稱列出。",
    ),
    "bodies.no_zh_none": ("Every listed body has a Chinese name.", "名單所列機構均有中文名稱。"),
    "head.number": ("No.", "編號"),
    "head.name": ("Name", "名稱"),
    "head.kind": ("Kind; what there is to leave", "類別；可退出者"),
    "head.status": ("Status on the day", "當日狀態"),
    "head.announced": ("Announced", "宣布"),
    "head.notified": ("Notified", "通知（交存）"),
    "head.effective": ("Effective", "生效"),
    "head.sources": ("Sources", "來源"),
    "head.body": ("Body", "機構"),
    "head.year": ("Year", "年份"),
    "head.reason": ("Reason", "原因"),
    "head.explanation": ("Explanation", "解釋"),
    "head.claim": ("Claim", "主張"),
    "head.factor": ("Factor (95 % interval)", "倍數（95% 區間）"),
    "head.reading": ("Reading", "判讀"),
    "head.hazard": ("Hazard per year (95 % interval)", "年退出風險率（95% 區間）"),
    "head.typical": ("Median member", "中位會員"),
    "head.oldest": ("Oldest carried value", "最舊沿用值"),
    "head.term": ("Term", "變項"),
    "head.coefficient": ("Log rate ratio (95 % interval)", "對數率比（95% 區間）"),
    "head.effect": ("Effect", "效應"),
    "head.sd": ("Standard deviation, log rate", "標準差（對數率）"),
    "head.check": ("Check", "檢核項目"),
    "head.observed": ("Observed", "觀察值"),
    "head.predicted": ("Predicted, low to high", "預測值，低至高"),
    "head.rows": ("Rows", "列數"),
    "head.median": ("Median", "中位數"),
    "head.band": ("95 % band", "95% 區間"),
    "head.title": ("Title", "名稱"),
    "head.producer": ("Producer", "製作者"),
    "head.version": ("Version", "版本"),
    "head.licence": ("Licence", "授權"),
    "head.use": ("How it is distributed", "隨附方式"),
    "value.csv": ("CSV: {table}", "CSV：{table}"),
    "value.interval": ("{low} to {high}", "{low} 至 {high}"),
    "value.with": ("{value} ({low} to {high})", "{value}（{low} 至 {high}）"),
    "value.years": ("{years} years", "{years}年"),
    "value.year": ("1 year", "1年"),
    "value.observed_now": ("observed", "觀察值"),
    "value.observed": ("observed", "觀察"),
    "value.simulated": ("simulated", "模擬"),
    "settled.up": ("higher hazard", "風險率較高"),
    "settled.down": ("lower hazard", "風險率較低"),
    "settled.same": ("no difference from the median member", "與中位會員並無差異"),
    "settled.no": ("not settled", "未有定論"),
    "why.title_up": (
        "Only {names} goes with a higher hazard of leaving; the others are not settled",
        "僅{names}與較高的退出風險率相伴，其餘未有定論",
    ),
    "why.title_down": (
        "Only {names} goes with a lower hazard of leaving; the others are not settled",
        "僅{names}與較低的退出風險率相伴，其餘未有定論",
    ),
    "why.title_several": ("Intervals that leave out 1: {names}", "區間不含 1 者：{names}"),
    "why.title_none": (
        "No explanation is settled: every interval includes 1",
        "各說均未有定論：所有區間皆含 1",
    ),
    "why.sub": (
        "Factor on the hazard of leaving against the median member of the same body and year; line: 95 % "
        "interval; hollow: interval includes 1",
        "相對於同機構同年中位會員之退出風險率倍數；線段：95% 區間；空心：區間含 1",
    ),
    "why.median_row": ("Median of covered bodies", "涵蓋機構之中位數"),
    "why.scope": (
        "Of the {total} bodies, {covered} are covered by the coded data. The fit uses {rows} "
        "membership-years of {first} to {last} with {events} exits. Outcome: {outcome}. Criterion: "
        "{criterion}.",
        "{total}個機構中，編碼資料涵蓋{covered}個。估計使用{first}至{last}年會籍年{rows}筆，其中退出"
        "{events}次。退出定義：{outcome}。估計準則：{criterion}。",
    ),
    "why.claims": ("What each explanation claims", "各種解釋之主張"),
    "why.claims_caption": (
        "Each explanation with its claim, the factor over the covered bodies and whether it is settled",
        "各種解釋之主張、在涵蓋機構之倍數與是否有定論",
    ),
    "why.bodies": ("Factors body by body", "各機構之倍數"),
    "why.bodies_caption": (
        "Hazard of leaving per year and factor of each explanation, with 95 % intervals. A factor whose "
        "interval includes 1 is not settled (marked ○).",
        "年退出風險率與各解釋之倍數，附 95% 區間。區間含 1 者未有定論（以○標示）。",
    ),
    "why.terms": ("Coefficients", "係數"),
    "why.terms_caption": (
        "Log rate ratios per standard deviation of each term, with 95 % intervals",
        "各變項每增一標準差之對數率比，附 95% 區間",
    ),
    "why.sds": ("How much states, bodies and years differ", "國家、機構與年份之差異"),
    "why.sds_caption": (
        "Standard deviations of the crossed effects, on the log rate scale",
        "交叉效應之標準差（對數率尺度）",
    ),
    "why.calibration": ("Calibration of the fit", "估計之校準"),
    "why.calibration_caption": (
        "Observed counts beside what the fit predicts with new year effects. Status: {status}.",
        "觀察次數與重抽年份效應後之預測。結果：{status}。",
    ),
    "why.not_covered": ("{count} bodies are not covered", "{count}個機構不在涵蓋範圍"),
    "why.not_covered_caption": (
        "Bodies that the model does not cover, with the reason",
        "模型未涵蓋之機構與原因",
    ),
    "why.dropped": ("Rows that fell out", "剔除之列"),
    "why.dropped_caption": ("Rows of the coded data that the fit does not use", "編碼資料中未納入估計之列"),
    "why.limits": ("What these data cannot say", "資料所不能說明者"),
    "why.oldest": (
        "Oldest carried value behind these hazards: {years} years old, used for {names} (marked ▲).",
        "上述風險率所用之最舊數值：沿用 {years} 年前之觀察值，用於{names}（以▲標示）。",
    ),
    "why.oldest_all": (
        "Oldest carried value behind these hazards: {years} years old, used for every covered body "
        "(marked ▲).",
        "上述風險率所用之最舊數值：沿用 {years} 年前之觀察值，涵蓋機構皆然（以▲標示）。",
    ),
    "why.oldest_none": ("No value behind these hazards was carried forward.", "上述風險率未沿用舊值。"),
    "figure.fan.near": (
        "If the model is right, exits per year stay near the observed average of {mean}",
        "若模型正確，每年退出次數維持在觀察平均值 {mean} 附近",
    ),
    "figure.fan.above": (
        "If the model is right, exits per year lie above the observed average of {mean}",
        "若模型正確，每年退出次數高於觀察平均值 {mean}",
    ),
    "figure.fan.below": (
        "If the model is right, exits per year lie below the observed average of {mean}",
        "若模型正確，每年退出次數低於觀察平均值 {mean}",
    ),
    "figure.fan.only": ("Exits per year, simulated", "每年退出次數（模擬）"),
    "figure.fan.sub": (
        "Exits per year, all states, all bodies in the coded data; {worlds} simulated worlds",
        "每年退出次數，各國、編碼資料所收全部機構；模擬 {worlds} 個世界",
    ),
    "figure.fan.observed": ("observed", "觀察值"),
    "figure.fan.median": ("simulated median", "模擬中位數"),
    "figure.fan.band": ("95 % band", "95% 區間"),
    "figure.fan.desc": (
        "Observed exits {first} to {start}, then the simulated median with a 95 % band to {last}.",
        "{first}至{start}年為觀察值，其後至{last}年為模擬中位數與 95% 區間。",
    ),
    "figure.factors.desc": (
        "Intervals by explanation on a logarithmic axis, reference line at 1.",
        "各說之區間，對數軸，參考線為 1。",
    ),
    "figure.what.title": (
        "Memberships and treaties to end: {end_other} of {all_other} outside the UN system, {end_un} of "
        "{all_un} UN entities",
        "有會籍或條約可終止者：非聯合國體系{all_other}個中有{end_other}個，聯合國實體{all_un}個中有"
        "{end_un}個",
    ),
    "figure.what.sub": ("Number of bodies by part of the list", "機構數，依名單部分"),
    "figure.what.desc": (
        "Two stacked bars, one for each part of the list, divided by what there is to leave.",
        "兩條堆疊長條，各代表名單一部分，依可退出者分段。",
    ),
}
