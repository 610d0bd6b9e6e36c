"""Words of any case's report: how an exit went, the timeline, the rules, the rivals compared."""

from __future__ import annotations

from typing import Final

PAGE: Final[dict[str, tuple[str, str]]] = {
    "on.day": ("on {day}", "{day}"),
    "on.in": ("in {day}", "{day}"),
    "on.plain": ("{day}", "{day}"),
    "course.expelled": ("{body} ended the membership of {state} {day}", "{body}{day}終止{state}之會籍"),
    "course.left": ("{state} left {body} {day}", "{state}{day}退出{body}"),
    "course.left.back": (
        "{state} left {body} {day} and rejoined {back}",
        "{state}{day}退出{body}，{back}重新加入",
    ),
    "course.disputed": (
        "{state} says that it left {body} {day}; this is disputed",
        "{state}稱已於{day}退出{body}；此事有爭議",
    ),
    "course.taken_back": (
        "{state} set out to leave {body} and took it back {day}",
        "{state}著手退出{body}，後於{day}撤回",
    ),
    "course.due": (
        "{state} was due to leave {body} {day}; no act in the record confirms it",
        "{state}應於{day}退出{body}；紀錄中無行為可證實",
    ),
    "course.notice": (
        "{state} gave notice to {body} {day}; the exit has not taken effect",
        "{state}{day}通知退出{body}；尚未生效",
    ),
    "course.announced": (
        "{state} announced {day} that it leaves {body}; no notice is established",
        "{state}{day}宣布退出{body}；查無通知",
    ),
    "course.stopped": (
        "{state} stopped taking part in {body} or paying it; no exit is established",
        "{state}停止參與或出資{body}；查無退出",
    ),
    "course.signature": (
        "{state} withdrew its signature or ratification of {body}",
        "{state}撤回對{body}之簽署或批准",
    ),
    "course.suspended": ("The rights of {state} in {body} were suspended", "{state}在{body}之權利遭中止"),
    "course.open": ("No step of leaving {body} by {state} is on record", "查無{state}退出{body}之行為"),
    "course.first": ("Of {total} exits, {n} {what}", "{total}項退出中，{n}項{what}"),
    "course.next": ("{n} {what}", "{n}項{what}"),
    "course.page": (
        "{exits} times a step of leaving was taken; {left} exits took effect",
        "著手退出共{exits}次，其中{left}次生效",
    ),
    "course.page_back": ("after {back} of them the state came back", "其中{back}次其後重新加入"),
    "outcome_word.expelled": ("ended by the body", "由該機構終止會籍"),
    "outcome_word.left": ("took effect", "已生效"),
    "outcome_word.disputed": ("claimed effective, and disputed", "自稱生效而有爭議"),
    "outcome_word.taken_back": ("taken back or halted", "撤回或中止程序"),
    "outcome_word.due": ("due, and not confirmed", "已屆期而未證實"),
    "outcome_word.notice": ("with notice given, without effect so far", "已通知而尚未生效"),
    "outcome_word.signature": ("of a signature or a ratification", "僅撤回簽署或批准"),
    "outcome_word.stopped": ("a stop of taking part or paying", "僅停止參與或出資"),
    "outcome_word.announced": ("announced, without an established notice", "已宣布而查無通知"),
    "outcome_word.suspended": ("a suspension of rights", "僅權利遭中止"),
    "outcome_word.open": ("without a dated step of the state", "查無當事國之行為"),
    "course.back_some": ("{back} came back later", "{back}項其後重新加入"),
    "lede.bodies": ("{states}; {bodies}", "{states}；{bodies}"),
    "lede.more": ("{names} and {more} more", "{names}及其他{more}個"),
    "lede.clock": (
        "The rule ({rule}) lets it take effect on {day} at the earliest.",
        "依{rule}，最早{day}生效。",
    ),
    "lede.clock_if": (
        "The rule ({rule}) lets it take effect on {day} at the earliest, if notice was given {start}.",
        "依{rule}，若於{start}通知，最早{day}生效。",
    ),
    "lede.silent": ("No clause on leaving: {rule}.", "《{rule}》並無退出條款。"),
    "rule.article": ("article {article} of the {instrument}", "《{instrument}》第{article}條"),
    "rule.place": ("{instrument}, {article}", "《{instrument}》（{article}）"),
    "rule.plain": ("the {instrument}", "《{instrument}》"),
    "top.dates": ("Dates, as of {as_of}", "日期（截至{as_of}）"),
    "top.counts": ("Exits as of {as_of}, of {total}", "{as_of}之退出進度（共{total}項）"),
    "top.not_on_record": ("not on record", "查無"),
    "top.back": ("back", "重新加入"),
    "top.back.note": ("member again", "再為會員"),
    "top.contested_some": (
        "Contested: {names}. Positions of others on record: {positions}; the timeline says whose.",
        "有爭議：{names}。紀錄中他方立場{positions}則，見時間線。",
    ),
    "top.positions": (
        "Nobody contests these acts in the record; positions of others on record: {positions}, see the timeline.",
        "紀錄中無人對上述行為提出爭議；他方立場{positions}則，見時間線。",
    ),
    "sure.acts": ("acts on record (dated to the day)", "紀錄所載行為（日期確定至日者）"),
    "sure.acts_of": ("{acts} ({days})", "{acts}（{days}）"),
    "sure.model": ("membership-years in the model (exits)", "模型所用會籍年（其中退出）"),
    "sure.confidence": ("lowest confidence of an act", "各行為中最低可信度"),
    "confidence.high": ("high", "高"),
    "confidence.medium": ("medium", "中"),
    "confidence.low": ("low", "低"),
    "top.thin": ("The record is thin here: {parts}.", "此案紀錄單薄：{parts}。"),
    "thin.acts": ("acts on record: {acts}", "行為{acts}筆"),
    "thin.no_notice": ("exits without a notice on record: {n}", "查無通知者{n}項"),
    "thin.no_effect": ("without a day of effect: {n}", "查無生效日者{n}項"),
    "thin.vague": ("dates not known to the day: {n}", "日期未確定至日者{n}個"),
    "body.the": ("the {name}", "{name}"),
    "bodies.title_any": (
        "{exits} exits, {bodies} bodies, {states} states: step by step",
        "{states}國、{bodies}個機構、{exits}項退出，逐項列出",
    ),
    "bodies.title_one": ("The exit step by step", "退出之各步驟"),
    "bodies.sub_any": ("Status on {as_of}, and how each exit went", "{as_of}之狀態，以及各項退出之經過"),
    "bodies.one_group": ("Every exit: {count}", "全部退出：{count}項"),
    "bodies.caption_any": (
        "How each exit went, its status on {as_of} and the rule that decided it.",
        "各項退出之經過、{as_of}之狀態及其判定依據。",
    ),
    "bodies.filter": ("Filter rows", "篩選"),
    "bodies.shown": ("Rows shown: {count}", "顯示列數：{count}"),
    "bodies.sort": ("Sort by this column", "依此欄排序"),
    "head.exit": ("Exit", "退出"),
    "head.outcome": ("How it went; status on the day", "經過；當日狀態"),
    "nav.timeline": ("Timeline", "時間線"),
    "nav.rules": ("The rules", "規則"),
    "mark.back": ("rejoined", "重新加入"),
    "mark.undone": ("taken back or halted", "撤回或中止"),
    "mark.position": ("position of others", "他方立場"),
    "mark.other": ("other act", "其他行為"),
    "mark.contested": ("contested", "有爭議"),
    "timeline.title": (
        "From the first step ({act}, {first}) to the last effect: {last}",
        "自首次行為（{act}，{first}）至最後生效日：{last}",
    ),
    "timeline.title_none": ("No exit has taken effect; acts on record: {acts}", "尚無退出生效；紀錄中行為{acts}筆"),
    "timeline.title_page": ("{exits} exits in {acts} dated acts", "{exits}次退出，{acts}筆有日期之行為"),
    "timeline.sub": (
        "Acts by date; a bar where the date is not known to the day",
        "依日期排列之行為；日期未確定至日者以橫條表示",
    ),
    "timeline.cut": ("{shown} of {whole} exits drawn", "圖中列{whole}項中之{shown}項"),
    "timeline.whole": ("All bodies together", "全案"),
    "timeline.and_others": ("{number} alike, such as {name}", "{number}項情形相同，如{name}"),
    "timeline.both": ("{state}: {body}", "{state}：{body}"),
    "timeline.desc": ("{lines} lines, the first act {first}.", "共{lines}列，首筆行為{first}。"),
    "timeline.table": ("Every act with its source", "全部行為與來源"),
    "timeline.caption": (
        "Acts in order of time within each exit: who claims it, and whether it is contested",
        "各項退出依時間列出之行為：主張者與有無爭議",
    ),
    "head.date": ("Date", "日期"),
    "head.state": ("State", "國家"),
    "head.act": ("Act", "行為"),
    "head.claimed_by": ("Claimed by", "主張者"),
    "head.confidence": ("Confidence", "可信度"),
    "head.note": ("Note", "附註"),
    "rules.title_some": ("What the rules ask for, and when an exit takes effect by them", "規則之要求與依規則之生效日"),
    "rules.sub": (
        "Clause by clause; where it says if, notice is supposed on the day named. Texts in the record's own words",
        "逐條列出；標示「若」者以所列日期為通知日推算。條款內容依紀錄原文",
    ),
    "rules.caption": (
        "Exit clauses, earliest effect, dues and the way back",
        "退出條款、最早生效日、會費·攤款與重新加入",
    ),
    "head.clause": ("Clause", "條款"),
    "head.notice": ("Notice period", "預告期"),
    "head.earliest": ("Earliest effect by the rule", "依規則最早生效日"),
    "head.dues": ("Dues and duties after", "其後之會費·攤款與義務"),
    "head.also": ("What also ends", "一併終止者"),
    "head.back": ("Way back", "重新加入"),
    "rules.silent": ("silent", "無退出條款"),
    "rules.from_notice": ("from the notice of {day}", "自{day}通知起算"),
    "rules.if": ("if notice was given {day}", "若於{day}通知"),
    "rules.claim": ("Claim against clause", "主張與條款之對照"),
    "period.years": ("{n} years", "{n}年"),
    "period.year": ("1 year", "1年"),
    "period.months": ("{n} months", "{n}個月"),
    "period.month": ("1 month", "1個月"),
    "period.days": ("{n} days", "{n}天"),
    "period.none": ("none named", "未載明"),
    "compared.title_none": (
        "None of the {count} explanations predicts exits better than size, age and tenure alone",
        "{count}種解釋均未比規模、年齡與在會年數更能預測退出",
    ),
    "compared.title_some": (
        "{up} of {count} explanations predict better than size, age and tenure alone: {names}",
        "{count}種解釋中{up}種比規模、年齡與在會年數更能預測退出：{names}",
    ),
    "compared.sub": (
        "Skill in predicting exits one year ahead, % of the log score; origins {first} to {last}; hollow: interval holds 0",
        "預測一年內退出之技能，對數評分之百分比；起算年{first}至{last}；空心：區間含 0",
    ),
    "compared.desc": (
        "Intervals of 95 % on a line with 0; right of it a model predicts better than the common structure.",
        "95% 區間，參考線為 0；線右表示預測優於共同結構。",
    ),
    "compared.head": ("The explanations compared", "各種解釋之比較"),
    "compared.note": (
        "Each explanation has a fit of its own, on rows that both can score; the common structure is size, age, tenure and "
        "memberships. Exits of 2015 to 2026 chose no term.",
        "各種解釋分別估計，並在雙方均可評分之列上比較；共同結構為規模、年齡、在會年數與會籍數。2015 至 2026 年"
        "之退出未用於選取變項。",
    ),
    "compared.shipped": (
        "Results shipped with the software (fingerprint, then the command that makes them again):",
        "隨軟體所附之結果（指紋，其後為重算指令）：",
    ),
    "compared.table": ("Scores one, three and five years ahead", "一、三、五年之評分"),
    "compared.caption": (
        "Skill against the common structure and against each member's own record, in per cent of the log score",
        "相對於共同結構與各會員自身紀錄之技能（對數評分之百分比）",
    ),
    "compared.terms": ("Each term under every outcome", "各變項在各種退出定義下"),
    "compared.terms_caption": (
        "Whether the sign of a term holds under all four outcomes",
        "變項正負號在四種退出定義下是否一致",
    ),
    "head.model": ("Account", "說法"),
    "head.years_ahead": ("Years ahead", "預測年數"),
    "head.skill": ("Skill (95 % interval)", "技能（95% 區間）"),
    "head.own_record": ("Against own record", "相對自身紀錄"),
    "head.doubts": ("Doubts", "疑慮"),
    "head.verdict": ("Verdict", "判定"),
    "model.common": ("common structure", "共同結構"),
    "model.constant": ("constant rate", "固定比率"),
    "model.trailing": ("rate of the last ten years", "近十年比率"),
    "model.empirical_bayes": ("each member's own record", "各會員自身紀錄"),
    "hits.sentence": (
        "Of {listed} exits named by yearly lists of the hundred likeliest, {first} to {last}, {hits} came within a year "
        "({chance} by chance). {inside} of {totals} annual totals lay inside their 95 % band, which is wide. No list of names "
        "is printed here.",
        "{first}年至{last}年逐年列出最可能之百項退出，所列{listed}項中，一年內發生者{hits}項（隨機為{chance}項）；{totals}個年度總數"
        "中{inside}個落在 95% 區間內，惟區間甚寬。本報告不列名單。",
    ),
    "method.status": (
        "Status. On any day the chain of acts is walked in order; the answer names the rule that decided and who contests it. "
        "Coded memberships end with 2014; later years rest on acts, dues and rosters, else the last coded status is carried "
        "forward and says so.",
        "狀態。就任一日期，依序檢視行為鏈，並列出判定依據與爭議者。編碼會籍止於2014年；其後依行為、會費·攤款與名錄判定，"
        "否則沿用最後編碼狀態並予註明。",
    ),
    "method.rules": (
        "Rules. A clause gives a notice period and a point from which it counts; the clock adds them. Where the instrument is "
        "silent, the law of treaties stands behind it, as far as it binds the state. A clause that nobody read in a source is "
        "marked unverified, and no claim is called contrary to it.",
        "規則。條款載明預告期與起算點，據以推算。文書未設條款者，以條約法為準，並以該國受其拘束為限。未經查閱原文之條款標示為"
        "未核實，且不據以論斷主張是否相符。",
    ),
    "method.compare": (
        "Comparison. At each origin every account is fitted on what was known then and scored on the years after; skill is the "
        "gain in log score over the common structure on the same rows, with a block bootstrap by year.",
        "比較。每一起算年均以當時所知估計，再以其後各年評分；技能為同列上相對共同結構之對數評分增益，以年為區塊重抽。",
    ),
    "method.repeat": (
        "Repeat it. Every number here comes from the commands below. The same record, code and seed give the same file.",
        "重現。本報告各項數字均出自下列指令。紀錄、程式與亂數種子相同，所得檔案即相同。",
    ),
    "method.commands": ("Commands behind this report", "本報告所用指令"),
    "why.page_state": (
        "Hazards of this year, over {covered} coded memberships; {count} explanations",
        "本年度{covered}項編碼會籍之退出風險率；{count}種解釋",
    ),
    "why.page_body": (
        "Hazards of this year, over {covered} members in the coded data",
        "本年度編碼資料中{covered}個會員之退出風險率",
    ),
    "why.intro_one": ("In the one body that the model covers: ", "在模型涵蓋的唯一機構中："),
    "why.scope_page": (
        "Of {total} memberships of this year, {covered} have the measures that the model needs. The fit uses {rows} "
        "membership-years of {first} to {last} with {events} exits. Outcome: {outcome}. Criterion: {criterion}.",
        "本年度會籍{total}項，其中{covered}項具備模型所需數值。估計使用{first}至{last}年會籍年{rows}筆，其中退出{events}次。"
        "退出定義：{outcome}。估計準則：{criterion}。",
    ),
    "head.events": ("Exits", "退出次數"),
    "colon": (": ", "："),
    "nav.compared": ("Compared", "比較"),
    "top.cost": ("What it costs, and whom", "代價為何、由誰承擔"),
    "outcome.expelled": ("membership ended by the body", "由該機構終止會籍"),
    "outcome.left": ("left", "已退出"),
    "outcome.disputed": ("says that it left; disputed", "自稱已退出；有爭議"),
    "outcome.taken_back": ("taken back or halted", "撤回或中止"),
    "outcome.due": ("due by its clause, not confirmed", "依條款屆期，未經證實"),
    "outcome.notice": ("notice given", "已通知"),
    "outcome.signature": ("signature or ratification withdrawn", "撤回簽署或批准"),
    "outcome.stopped": ("stopped taking part or paying", "停止參與或出資"),
    "outcome.announced": ("announced", "已宣布"),
    "outcome.suspended": ("rights suspended", "權利中止"),
    "outcome.open": ("no act of the state on record", "查無當事國之行為"),
    "reason.outside_span": ("the year is outside the coded data", "該年不在編碼資料年限內"),
    "reason.covariate_missing": ("a measure of the state is missing", "缺少該國數值"),
}
