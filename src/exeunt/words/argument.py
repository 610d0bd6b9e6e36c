"""Words of arguments put to the test, English and Traditional Chinese side by side."""

from __future__ import annotations

from typing import Final

ARGUMENT: Final[dict[str, tuple[str, str]]] = {
    "verdict.supported": ("supported", "獲支持"),
    "verdict.partly": ("partly", "部分成立"),
    "verdict.mixed": ("mixed", "來源分歧"),
    "verdict.contradicted": ("contradicted", "與紀錄相反"),
    "verdict.not_supported": ("not supported", "未獲支持"),
    "verdict.not_found": ("not found", "查無資料"),
    "verdict.untestable": ("untestable", "無法檢驗"),
    "verdict.out_of_scope": ("out of scope", "題外"),
    "claimkind.fact": ("fact", "事實"),
    "claimkind.figure": ("figure", "數字"),
    "claimkind.sequence": ("sequence", "先後"),
    "claimkind.motive": ("motive", "動機"),
    "claimkind.evaluation": ("evaluation", "評價"),
    "claimkind.forecast": ("forecast", "預測"),
    "map.title": ("What the argument links, and what the models say of it", "論證之連結與模型所示"),
    "map.sub": (
        "Each arrow: a claimed link with its sign; below it one estimate, its 95 % interval, and how many of all bear it out",
        "箭頭為所主張之連結及其正負號；下方為一項估計值與 95% 區間，以及全部估計中相符之數",
    ),
    "map.found": (
        "{borne} of {total} claimed links hold under every outcome",
        "{total}個所主張連結中，{borne}個於各結果下均成立",
    ),
    "map.link": (
        "{source} → {target}, claimed sign {sign}: {verdict}; {figure}",
        "{source} → {target}，所主張正負號 {sign}：{verdict}；{figure}",
    ),
    "map.of": ("{borne} of {total} as claimed", "{total}項中{borne}項相符"),
    "map.unit": ("{unit}: {links}", "{unit}：{links}"),
    "map.units": ("What the figures count", "數值之單位"),
    "argue.claims": ("Claims", "論點"),
    "argue.links": ("Links", "因果連結"),
    "argue.tally": ("Tally", "統計"),
    "argue.summary": ("What the argument may and may not claim", "此論證可以與不可以主張者"),
    "argue.facts": ("Facts of the file", "檔案所列事實"),
    "argue.head.claim": ("claim", "論點"),
    "argue.head.kind": ("kind", "類別"),
    "argue.head.verdict": ("verdict", "判定"),
    "argue.head.figure": ("what was found", "所得"),
    "argue.head.link": ("link", "連結"),
    "argue.head.command": ("printed by", "所用指令"),
    "argue.found.status": (
        "{state:state} in {body:body} on {day}: {status:status}",
        "{day:date}，{state:state}在{body:body}：{status:status}",
    ),
    "argue.found.act": ("{state:state} {body:body}: ", "{state:state}，{body:body}："),
    "argue.found.act_anywhere": ("{state:state}: ", "{state:state}："),
    "argue.found.no_act": (
        "the record holds no such act of {state:state} {body:body}: ",
        "紀錄中沒有{state:state}對{body:body}的這類行為：",
    ),
    "argue.found.no_act_anywhere": (
        "the record holds no such act of {state:state}: ",
        "紀錄中沒有{state:state}的這類行為：",
    ),
    "argue.found.act_on": ("{act:act} {day}", "{day:date}{act:act}"),
    "argue.found.act_at": ("{act:act} {day} ({body:body})", "{day:date}{act:act}（{body:body}）"),
    "argue.found.act_word": ("{act:act}", "{act:act}"),
    "argue.found.more": ("+{n}", "另{n}項"),
    "argue.found.reason": (
        "reason given by {state:state} {body:body}: {reasons}",
        "{state:state}對{body:body}所述理由：{reasons}",
    ),
    "argue.found.reason_anywhere": ("reason given by {state:state}: {reasons}", "{state:state}所述理由：{reasons}"),
    "argue.found.no_reason": (
        "the record holds no reason given by {state:state} {body:body}",
        "紀錄中沒有{state:state}對{body:body}所述的理由",
    ),
    "argue.found.no_reason_anywhere": (
        "the record holds no reason given by {state:state}",
        "紀錄中沒有{state:state}所述的理由",
    ),
    "argue.found.no_order": ("the record lacks one of the two", "紀錄缺其中一項"),
    "argue.found.point_act": ("{act:act} ({episode}): {day}", "{act:act}（{episode}）：{day:date}"),
    "argue.found.point_fact": ("{says}: {day}", "{says_zh}：{day:date}"),
    "argue.found.point_missing": ("{act:act}", "{act:act}"),
    "argue.found.count": ("{n:number} rows of {table} with {where}", "{table} 中符合 {where} 的有 {n:number} 筆"),
    "argue.found.listed": (
        "{n:number} of the bodies of {case} with {where}: {bodies:body}",
        "{case} 所列機構中，符合 {where} 的有 {n:number} 個：{bodies:body}",
    ),
    "argue.found.listed_none": ("none of the bodies of {case} has {where}", "{case} 所列機構中，沒有符合 {where} 的"),
    "argue.found.fact": ("{says}", "{says_zh}"),
    "argue.found.money": (
        "{body:body} {state:state} {year}: {figures}",
        "{state:state}給{body:body}，{year}年：{figures}",
    ),
    "argue.found.money_all": ("{body:body} {year}: {figures}", "{body:body}{year}年：{figures}"),
    "argue.found.no_money": (
        "the record holds no such figure on {body:body} {state:state} {year}",
        "紀錄中沒有{state:state}給{body:body}{year}年的這項數字",
    ),
    "argue.found.no_money_all": (
        "the record holds no such figure on {body:body} {year}",
        "紀錄中沒有{body:body}{year}年的這項數字",
    ),
    "argue.found.change": (
        "{body:body} {state:state}: {first} in {first_year}, {last} in {last_year}: {change}",
        "{state:state}給{body:body}：{first_year}年 {first}，{last_year}年 {last}：{change}",
    ),
    "argue.found.change_all": (
        "{body:body}: {first} in {first_year}, {last} in {last_year}: {change}",
        "{body:body}：{first_year}年 {first}，{last_year}年 {last}：{change}",
    ),
    "argue.found.share": (
        "share of {state:state} in {body:body}, {year}: {share}",
        "{year}年{state:state}占{body:body}款項的比重：{share}",
    ),
    "argue.found.series": (
        "{measure} of {state:state}: {first} in {first_year}, {last} in {last_year}: {change}",
        "{state:state}的{measure:series}：{first_year}年 {first}，{last_year}年 {last}：{change}",
    ),
    "argue.found.no_series": (
        "the record lacks {measure} of {state:state} in {first_year} or {last_year}",
        "紀錄缺{state:state}在{first_year}年或{last_year}年的{measure:series}",
    ),
    "argue.found.total": (
        "{state:state} to the bodies of {case}, {first_year}–{last_year}: at least {usd} USD; the ledgers reach {covered} of "
        "{bodies}",
        "{first_year}至{last_year}年，{state:state}給 {case} 所列機構至少 {usd} 美元；帳目只涵蓋{bodies}個中的{covered}個",
    ),
    "argue.found.between_measure": (
        "{what} {year}: {state:state} {first}, {other:state} {second}: {share}",
        "{year}年{what:series}：{state:state} {first}，{other:state} {second}：{share}",
    ),
    "argue.found.between_body": (
        "{what:body} {year}: {state:state} {first}, {other:state} {second}: {share}",
        "{year}年給{what:body}的款項：{state:state} {first}，{other:state} {second}：{share}",
    ),
    "argue.found.no_between_measure": (
        "the record lacks {what} of {state:state} or {other:state} in {year}",
        "紀錄缺{state:state}或{other:state}在{year}年的{what:series}",
    ),
    "argue.found.no_between_body": (
        "the record lacks {what:body} of {state:state} or {other:state} in {year}",
        "紀錄缺{state:state}或{other:state}在{year}年給{what:body}的款項",
    ),
    "argue.found.weight": (
        "{state:state} {year}: {rate} of the UN scale, {output} of world output, {more} points apart",
        "{year}年{state:state}：聯合國會費分攤 {rate}，占全球產出 {output}，相差 {more} 個百分點",
    ),
    "argue.found.no_weight": (
        "the record lacks the rate or the output of {state:state} in {year}",
        "紀錄缺{state:state}在{year}年的分攤率或產出比重",
    ),
    "argue.found.refilled": (
        "others made good {refilled} of {events} gaps within {years} years: {rate} ({low} to {high}); without a fall the same "
        "rise came in {beside}",
        "{events}次缺口中，{years}年內由他國補足的有{refilled}次：{rate}（{low} 至 {high}）；沒有缺口而同幅增加的占 {beside}",
    ),
    "argue.found.emptied": (
        "{case}: of {of} issue areas {left} have a body that is left; among bodies whose members are known the leaving state "
        "has none left in {n}: {areas:area}; {hidden} of these have further bodies without a list of members",
        "{case}：{of}個議題領域中，{left}個有機構遭退出；就會員已知的機構而言，退出國在{n}個領域已沒有所屬機構：{areas:area}；"
        "其中{hidden}個領域另有會員不詳的機構",
    ),
    "argue.found.emptied_none": (
        "{case}: of {of} issue areas {left} have a body that is left; among bodies whose members are known the leaving state "
        "has one left in each",
        "{case}：{of}個議題領域中，{left}個有機構遭退出；就會員已知的機構而言，退出國在各領域都還有所屬機構",
    ),
    "argue.found.worlds": (
        "{worlds:number} worlds of {scenario}, {years} years: {middle} {what:worlds} ({low} to {high})",
        "{scenario} 的 {worlds:number} 個模擬世界，{years}年：{what:worlds} {middle}（{low} 至 {high}）",
    ),
    "argue.found.worlds_paired": (
        "{worlds:number} worlds of {scenario} beside the baseline, {years} years: {middle} {what:worlds} on average ({low} to "
        "{high})",
        "{scenario} 與基準的 {worlds:number} 個配對世界，{years}年：{what:worlds}平均相差 {middle}（{low} 至 {high}）",
    ),
    "argue.found.multiplier": (
        "further exits that one exit brings on within {years} years, paired worlds on {outcome}: {middle} ({low} to {high})",
        "{outcome} 的配對世界中，一次退出在{years}年內引發的後續退出：{middle}（{low} 至 {high}）",
    ),
    "argue.found.no_multiplier": ("no worlds may be drawn on {outcome}", "{outcome} 的估計不得用於模擬"),
    "series.ideal_point": ("ideal point", "聯合國大會理想點"),
    "series.cinc": ("share of world capability", "綜合國力指數"),
    "series.gdp": ("gross domestic product", "國內生產毛額"),
    "series.population": ("population", "人口"),
    "series.gdp_share": ("share of world output", "占全球產出比重"),
    "series.gdp_per_capita": ("output per head", "人均國內生產毛額"),
    "series.democracy": ("electoral democracy", "選舉民主指數"),
    "series.leader_change": ("change of leader", "領導人更替"),
    "series.populist": ("populist government", "民粹政府"),
    "series.force_use": ("use of force", "動用武力"),
    "series.interstate_conflict": ("interstate conflict", "國家間武裝衝突"),
    "worlds.exits": ("exits", "退出次數"),
    "worlds.joins": ("joins", "加入次數"),
    "unit.gain": (
        "R, further exits by the largest gain; above 1 exits sustain themselves",
        "R，最大增益之後續退出；大於1方為自我維持",
    ),
    "unit.further_exits": ("further exits of one exit within ten years", "一次退出於十年內之後續退出"),
    "argue.why.doubted": ("a placebo of the model fails", "模型之安慰劑檢驗未通過"),
    "argue.why.undecided": ("the interval lies on both sides of what is claimed", "區間跨越所主張之界限"),
    "argue.why.motive": ("why somebody acted is not on record; what they said is", "行為者之動機不見於紀錄；所言則有"),
    "argue.why.evaluation": ("a judgement of worth; no record settles it", "屬價值判斷，非紀錄所能論定"),
    "argue.why.off_subject": ("off the subject of states and bodies: {subject}", "與國家及國際機構無關：{subject}"),
    "argue.why.not_found": ("the record is silent; not found is not false", "紀錄無載；查無並非不實"),
    "argue.why.floor": (
        "the record is no census, and less than claimed refutes nothing; not found is not false",
        "紀錄並非全數，少於所主張者不足以否定；查無並非不實",
    ),
    "argue.why.searched": ("looked for: {searched}", "已查：{searched}"),
    "argue.why.mixed": ("sources disagree, and only some bear it out", "來源不一，僅部分支持"),
    "argue.link.for": ("goes with it as claimed: {readings}", "與所述方向相符：{readings}"),
    "argue.link.against": ("goes the other way: {readings}", "方向相反：{readings}"),
    "argue.link.nought": ("not told apart from none: {readings}", "與零無從區別：{readings}"),
    "argue.link.placebo": ("a placebo fails on {outcomes}", "安慰劑檢驗未通過：{outcomes}"),
    "argue.link.turned": (
        "signs turned where the variable rises as the measure falls",
        "變項隨測量值下降而上升者，正負號已反轉",
    ),
    "argue.link.units": (" ({units})", "（{units}）"),
    "argue.link.none": ("no model here tests it", "此處無模型可檢驗"),
    "argue.no_number": ("no estimate", "無估計值"),
    "argue.interval": ("{middle} ({low} to {high})", "{middle}（{low} 至 {high}）"),
    "unit.log_rate_ratio": ("log rate ratio per standard deviation", "每一標準差之對數發生率比"),
    "unit.log_rate_ratio_difference": (
        "difference of log rate ratios, after minus before",
        "對數發生率比之差（後減前）",
    ),
    "unit.per_exit_standing": ("standing per exit, standard deviations", "每次退出之地位變動（標準差）"),
    "unit.per_exit_capability": ("log capability per exit", "每次退出之對數國力變動"),
    "unit.years_of_force": ("years with force after an exit minus before it", "退出後減退出前之動武年數"),
    "argue.sum.claims": (
        "Of {total} claims {checked} were open to a check. Borne out: {borne}; in part or with sources divided: {part}; "
        "contradicted or not supported: {against}; record silent: {open}. Motives and judgements, which get no verdict: {no}; "
        "off the subject: {off}.",
        "論點共{total}項，可檢驗者{checked}項：成立{borne}項，部分成立或來源分歧{part}項，與紀錄相反或未獲支持{against}項，紀錄無載{open}項。"
        "動機或評價{no}項，不作判定；題外{off}項。",
    ),
    "argue.sum.may_claim": (
        "It may claim these links, as what goes with what: {links}.",
        "可主張下列連結（僅為相伴關係）：{links}。",
    ),
    "argue.sum.may_claim_in_part": (
        "It may claim these only with their limits stated: {links}.",
        "下列連結須附帶限制方可主張：{links}。",
    ),
    "argue.sum.disputed": ("The estimates point both ways on: {links}.", "下列連結之估計方向不一：{links}。"),
    "argue.sum.may_not_claim": ("It may not claim these: {links}.", "不可主張：{links}。"),
    "argue.sum.open": ("No model here says anything of: {links}.", "此處無模型可論：{links}。"),
    "argue.sum.not_a_matter_of_fact": ("No matter of fact: {links}.", "非事實問題：{links}。"),
    "argue.loop.may": (
        "Loop of {count} links, {sort}: {chain}. Every link holds.",
        "{count}個連結之{sort}迴路：{chain}。各連結均成立。",
    ),
    "argue.loop.may_not": (
        "Loop of {count} links, {sort}: {chain}. It may not be claimed as a whole; weakest ({verdict}): {links}.",
        "{count}個連結之{sort}迴路：{chain}。不可整體主張；最弱者（{verdict}）：{links}。",
    ),
    "argue.loop.reinforcing": ("reinforcing", "增強"),
    "argue.loop.balancing": ("balancing", "抑制"),
    "argue.sum.cause": (
        "Estimates say what goes with what, not what causes what; a claim that was checked is no judgement on the author.",
        "估計僅示何者相伴，並非因果；檢驗論點並非評斷作者。",
    ),
}
