"""Words on what follows from an exit; English and Traditional Chinese."""

from __future__ import annotations

from typing import Final

CONSEQUENCE: Final[dict[str, tuple[str, str]]] = {
    "consequence.loss": (
        "Amounts in US dollars unless the currency says otherwise; assessed revenue is booked when due, paid or not. Projected "
        "years keep the last observed level in a band that would have held nine times in ten. A row without an amount is not "
        "known, and `why` in the other formats says why; observed years before the last are there too.",
        "金額除另註幣別外為美元；會費於到期時認列，不論是否已繳。推估年份以最後觀察值為準，並附過去十次有九次成立之區間。無金額者為不詳，"
        "原因見其他格式之 why 欄；較早之觀察年份亦見該處。",
    ),
    "consequence.owed": (
        "`owed` is what a source says is owed on a day, rival figures apart; `dues` is what falls due up to the earliest day "
        "of effect by the rule.",
        "owed 為某日據報之欠款，數字不一者分列；dues 為依規定最早生效日前到期之會費。",
    ),
    "consequence.refill": (
        "Under each rule the amounts of a body and ledger sum to the gap of its first lost year; the five largest payers are "
        "shown, all are in the other formats. A rule is no forecast: see --view history.",
        "各規則下，每一機構與帳別之金額合計等於首個損失年度之缺口；此處列前五大付款國，其餘見其他格式。"
        "規則並非預測，見 --view history。",
    ),
    "consequence.worlds": (
        "{worlds} simulated worlds of {scenario} to the opening of {year}. `mean`: the part of the world inside a body of the "
        "area, on average; `any`: inside at least one; low and high hold 95 % of the worlds. `change`: mean difference to the "
        "same worlds under the baseline, with the 95 % interval of that mean. Bodies that a world founds have no issue area.",
        "{scenario} 之{worlds}個模擬世界，至{year}年初。mean：各機構所含國家占全球之平均比重；any：至少屬其中一個機構者之比重；"
        "low 與 high 含 95% 之世界。change：與同一世界基準情境之平均差及其 95% 區間。世界中新設之機構不計入議題領域。",
    ),
    "consequence.history": (
        "A fall: one of the five largest state donors gives at most half of its mean of the two years before. Refilled: all "
        "others together rise by 80 % of the gap or more in one of the years. `by_body`: the 95 % interval where bodies are "
        "drawn and not falls. The last rate but one column asks the same of donors that did not fall: what exceeds it can be "
        "read as refilling.",
        "減少：前五大捐助國之一所給不及前兩年平均之半。補足：其他捐助者合計在其中一年增加達缺口八成以上。"
        "by_body：重抽機構而非各次減少所得之 95% 區間。倒數第二欄就未減少之捐助國提出同樣問題；超出該值之部分方可視為補足。",
    ),
    "consequence.bands": (
        "How often the bands of projected amounts would have held, for bodies on which the widening was not measured.",
        "推估區間於未用以測定擴幅之機構中成立之頻率。",
    ),
    "consequence.events": (
        "`made_good_k` is the largest rise of all others within k years, over the gap; below 0 they fell too.",
        "made_good_k 為 k 年內其他捐助者最大增加額與缺口之比；低於 0 表示同樣減少。",
    ),
    "consequence.summary": (
        "Each figure has its rows in the command that the other formats name. Bands of sums are sums of bands. Ledgers are "
        "never summed with each other.",
        "各數字所據各列，見其他格式所載之指令。合計之區間為各區間之和。不同帳別從不相加。",
    ),
    "consequence.vacuum": (
        "`mean`: the part of the world inside a body of the area, on average; `any`: inside at least one. After: every "
        "membership and treaty of the list ended, all else as now.",
        "mean 為該領域各機構涵蓋世界之平均比例；any 為至少屬於一機構之比例。after 指名單所列會籍與條約全部終止，其餘維持現狀。",
    ),
    "consequence.covered": (
        "Issue areas are known for {with_area} of the {bodies} bodies with known members ({with_area_share}), mostly for "
        "bodies that somebody left: this is no sample of all bodies. Of the {exits} exits, {exits_listed} are from bodies "
        "with known members; {exits_nowhere} have nothing to leave or no list of members, and are not counted.",
        "會員可考之{bodies}個機構中，議題領域可考者{with_area}個（{with_area_share}），且多為曾有國家退出者，並非全部機構之樣本。"
        "{exits}項退出中，{exits_listed}項之機構會員可考；{exits_nowhere}項無會籍可退或無會員名單，未計入。",
    ),
    "consequence.isolation": (
        "Shared bodies are counted on the two-mode matrix, each body once a pair. Rank 1 is the most connected, or the "
        "farthest from the mean of all others' votes. Before and after differ by arithmetic where a membership ends.",
        "共同機構以雙模矩陣計數，每一機構於每一對國家只計一次。第 1 名為聯繫最多者，或與他國投票平均相距最遠者。"
        "會籍終止者，前後之差為算術結果。",
    ),
    "consequence.partners": (
        "The twenty states that lose most shared bodies; all are in the other formats. `ties` splits each membership over the "
        "body's other members, so a body of all states ties no two of them more than a small one.",
        "列共同機構減少最多之二十國，其餘見其他格式。"
        "ties 將每一會籍均分於該機構其他會員，故普遍性機構並不比小型機構更使兩國相連。",
    ),
    "consequence.company": (
        "`left_with`: exits of others from the same body within two years of the decision; `stayed`: members after the exits.",
        "left_with 為決定前後兩年內他國自同一機構之退出；stayed 為退出後之會員數。",
    ),
    "consequence.dependents": (
        "`protocol` ends with the body by its clause; `depends_on` rests on it; `part` has it as parent; `host` is its seat; "
        "`only_seat` counts states for which it is the only body of an issue area, among bodies with a known area.",
        "protocol 依條款隨之終止；depends_on 以其為基礎；part 為其下屬；host 為其所在地；"
        "only_seat 為僅有此一機構可參與該議題領域之國家（限領域可考之機構）。",
    ),
    # what a loss rests on
    "loss.accrual": ("assessed revenue is booked when due, paid or not", "會費在到期時入帳，不論是否已繳"),
    "loss.names_none": (
        "the body reports its revenue by donor, and names no money of this state up to {year}",
        "該機構依捐助者申報收入，到{year}年為止都沒有這個國家的款項",
    ),
    "loss.no_money": (
        "no ledger of the record holds money of this state to it",
        "紀錄各帳都查無這個國家給該機構的款項",
    ),
    "loss.no_gifts": (
        "no ledger of the record holds gifts of this state to it (trust funds)",
        "紀錄各帳都查無這個國家給該機構的捐款（信託基金）",
    ),
    "loss.too_short": (
        "the {years} years in a row that are observed are too few for a band, or show no change",
        "連續有資料的{years}年太短，或毫無變動，無法推估區間",
    ),
    "loss.level": (
        "level of {year}, band from its changes in {first}–{last}",
        "以{year}年為準，區間依{first}至{last}年的變動推估",
    ),
    "loss.gifts_stop": ("gifts can stop at once, here from {year}", "捐款可立即停止，這裡從{year}年起算"),
    "loss.no_membership": (
        "there is no membership whose end would stop dues",
        "沒有會籍，因此不會因會籍終止而停繳會費",
    ),
    "loss.no_day": ("no day of effect is known", "生效日不詳"),
    "loss.dues_end": (
        "dues end with the membership, on {day} at the earliest",
        "會費隨會籍終止，最早為{day:date}",
    ),
    "loss.regular_budget": (
        "part of the United Nations, paid from what its members are assessed; ending participation changes no dues, only "
        "ending dues to the United Nations would",
        "屬於聯合國，由會員國的攤款支應；停止參與不影響會費，只有停繳聯合國會費才會",
    ),
    "loss.no_dues": (
        "no dues are owed to it: the bodies that take part carry it",
        "各國不須向它繳費，由參與的機構分擔",
    ),
    "loss.whole_years": (
        "whole years {first} to {last}, projected as in the losses",
        "{first}至{last}整年，推估方式同損失",
    ),
    "loss.no_assessments": (
        "the record holds no assessments of this state here",
        "紀錄中沒有這個國家在此的會費核定數",
    ),
    # what the shares of a refilling rule rest on
    "scale.nobody": ("nobody pays: the body does without", "沒有人補足，機構自行減支"),
    "scale.one_state": ("one state pays all", "由一國全部支付"),
    "scale.one_largest": (
        "one state pays all: the largest donor that stays",
        "由一國全部支付：留下來的最大捐助國",
    ),
    "scale.top_five": (
        "what the five largest others gave in {year}",
        "其餘前五大捐助國{year}年所給的款項",
    ),
    "scale.own": ("assessed by the body itself in {year}", "該機構{year}年自訂的分攤額"),
    "scale.un": ("assessed for the UN regular budget of {year}", "聯合國{year}年經常預算的分攤額"),
    # standing, company, dependents
    "standing.not_coded": ("no membership of this state is coded", "沒有這個國家的會籍編碼"),
    "standing.no_votes": ("no ideal point of this state is in the record", "紀錄中沒有這個國家的理想點"),
    "standing.votes": ("ideal points from votes in the UN General Assembly", "聯合國大會投票估計的理想點"),
    "standing.no_image": (
        "unknown: the record holds no series of the image of this state",
        "不詳：紀錄中沒有這個國家的形象調查",
    ),
    "standing.image": ("series {series}", "調查項目 {series}"),
    "standing.no_members": ("the record lists no members of this body", "紀錄中沒有這個機構的會員名單"),
    "depends.through": ("through {bodies:body}", "經由{bodies:body}"),
    "depends.directly": ("directly", "直接"),
    "depends.parent": ("the body is its parent", "上級機構即為該機構"),
    "depends.seat": ("seat of the body", "機構所在地"),
    "depends.clause": ("clause {article}", "條款 {article}"),
    "depends.only": (
        "the only one of {bodies} bodies of the area that they are in",
        "該領域{bodies}個機構中唯一參加的一個",
    ),
    # key figures
    "figure.bodies": ("bodies: {status}", "{status:money_status}"),
    "money_status.figures": ("a ledger holds money of the leaving state", "帳目有數字的機構"),
    "money_status.regular_budget": ("paid from what UN members are assessed", "由聯合國經常預算支應的機構"),
    "money_status.no_dues": ("no dues are owed to it", "各國不須繳費的機構"),
    "money_status.unknown": ("no ledger of the record has a figure", "帳目沒有記載的機構"),
    "figure.note_figures": ("a ledger holds money of the leaving state", "帳目記有退出國的款項"),
    "figure.note_regular_budget": ("paid from what UN members are assessed", "由聯合國會員國的攤款支應"),
    "figure.note_no_dues": ("no dues are owed to it", "各國不須向它繳費"),
    "figure.note_unknown": ("no ledger of the record has a figure", "紀錄各帳都沒有數字"),
    "figure.gap": ("gap a year: {ledger}", "每年缺口：{ledger:ledger}"),
    "figure.lost_in": ("{bodies} bodies, first lost year {first}", "{bodies}個機構，{first}年起出現缺口"),
    "figure.lost_from": (
        "{bodies} bodies, first lost year {first} to {last}",
        "{bodies}個機構，{first}至{last}年起出現缺口",
    ),
    "figure.refilled": ("gaps refilled within {years} years", "{years}年內補足的缺口"),
    "figure.falls": (
        "{refilled} of {events} falls since 2015; without a fall the same rise came in {beside:number.2}",
        "2015年以來{events}次下降中，{refilled}次獲得補足；未下降時，同樣回升的比例為 {beside:number.2}",
    ),
    "figure.falls_alone": (
        "{refilled} of {events} falls since 2015; without a fall the same rise came in unknown",
        "2015年以來{events}次下降中，{refilled}次獲得補足；未下降時的比例不詳",
    ),
    "figure.listed": ("exits whose body has known members", "所退機構會員已知的退出"),
    "figure.with_area": ("bodies with a known issue area", "議題領域已知的機構"),
    "figure.areas_left": ("issue areas with a body that is left", "有機構遭退出的議題領域"),
    "figure.emptied": (
        "areas in which a leaving state has no known body left",
        "退出國已沒有所屬機構的領域",
    ),
    "figure.of": ("of {whole}", "共{whole}項"),
    "figure.mostly_left": (
        "{part} of {whole}, mostly bodies that somebody left",
        "{whole}個中的{part}個，多為曾有國家退出的機構",
    ),
    "figure.empty_area": (
        "{area:area} (of its bodies {bodies} have no list of members)",
        "{area:area}（其中{bodies}個機構沒有會員名單）",
    ),
    "figure.none": ("none", "無"),
    "figure.bodies_after": ("{state:state}: bodies after", "{state:state}：全部退出後的所屬機構數"),
    "figure.shared_after": ("{state:state}: shared after", "{state:state}：全部退出後與他國共同的機構數（平均）"),
    "figure.rank": ("rank {rank} of {of}, change {change:number.2}", "{of}國中第{rank}位，變動 {change:number.2}"),
    "figure.left_with": ("left_with", "同時期他國的退出"),
    "figure.joined_since": ("joined_since", "此後的加入"),
    "figure.other_states": ("other states, same bodies", "其他國家，同一批機構"),
    "figure.protocol": ("protocol", "隨機構終止的議定書"),
    "figure.depends_on": ("depends_on", "以這些機構為基礎的機構"),
    "figure.part": ("part", "下屬機構"),
    "figure.host": ("host", "機構所在地"),
    "figure.only_seat": ("only_seat", "該領域唯一的席位"),
    # definitions of a fall and of refilling
    "definition.main": ("main", "主要定義"),
    "definition.fall_30": ("falls of 30 % or more", "減少三成以上"),
    "definition.fall_75": ("falls of 75 % or more", "減少四分之三以上"),
    "definition.half_made_good": ("half made good", "補足一半"),
    "definition.all_made_good": ("all made good", "全部補足"),
    "definition.on_average": ("on average over the years", "各年平均"),
    "definition.donors_from_1": ("donors from 1 % of the money", "占款項1%以上的捐助國"),
    "definition.donors_from_10": ("donors from 10 % of the money", "占款項10%以上的捐助國"),
    "definition.assessed": ("assessed money", "會費·攤款"),
    "definition.voluntary": ("voluntary money", "自願捐款"),
    "definition.steady": ("steady donors before", "先前穩定的捐助國"),
    "definition.steady_lasting": ("lasting falls of steady donors", "穩定捐助國的持續減少"),
    "definition.united_states": ("United States", "美國"),
    # closed words of tables
    "question.money": ("money", "經費"),
    "question.vacuum": ("vacuum", "涵蓋"),
    "question.isolation": ("isolation", "地位"),
    "question.dependents": ("dependents", "連帶終止"),
    "figure_unit.bodies": ("bodies", "個機構"),
    "figure_unit.USD": ("USD", "美元"),
    "figure_unit.share": ("share", "比例"),
    "figure_unit.exits": ("exits", "項退出"),
    "figure_unit.areas": ("areas", "個領域"),
    "figure_unit.acts": ("acts", "項行為"),
    "figure_unit.rows": ("rows", "列"),
    "lossstatus.figures": ("figures", "有數字"),
    "lossstatus.regular_budget": ("regular_budget", "經常預算"),
    "lossstatus.no_dues": ("no_dues", "不須繳費"),
    "lossstatus.unknown": ("unknown", "不詳"),
    "share_of.income": ("income", "總收入"),
    "share_of.assessments": ("assessments", "全部會費"),
    "refilling.pro_rata": ("pro_rata", "依分攤比例"),
    "refilling.top_five": ("top_five", "其餘前五大捐助國"),
    "refilling.one_state": ("one_state", "由一國支付"),
    "refilling.nobody": ("nobody", "沒有人支付"),
    "relation.left_with": ("left_with", "同時期退出"),
    "relation.joined_since": ("joined_since", "此後加入"),
    "relation.stayed": ("stayed", "留下"),
    "weight.states": ("states", "各國同權"),
    "weight.capability": ("capability", "依國力"),
    "weight.population": ("population", "依人口"),
    "weight.authority": ("authority", "依機構權威"),
    "vote.lost": ("lost", "喪失"),
    "vote.kept": ("kept", "保有"),
    "vote.not_determined": ("not_determined", "無法判定"),
    "entered.assessed": ("assessed", "會費"),
    "entered.arrears": ("arrears", "欠款"),
    # Article 19
    "article19.nothing": ("nothing is in arrears", "沒有欠款"),
    "article19.lost": (
        "arrears of {arrears:number} equal or exceed the {due:number} due for the preceding two full years",
        "欠款 {arrears:number} 達到或超過前兩個整年應繳的 {due:number}",
    ),
    "article19.kept": (
        "arrears of {arrears:number} stay below the {due:number} due for the preceding two full years",
        "欠款 {arrears:number} 低於前兩個整年應繳的 {due:number}",
    ),
    "article19.may_permit": (
        "the General Assembly may permit a vote where the failure to pay is beyond the member's control",
        "欠繳若非會員國所能控制，聯合國大會得准其投票",
    ),
    "article19.not_determined": ("not determined", "無法判定"),
    "article19.lacks": (
        "the record does not hold {what:owing} {year} to {bodies:body}",
        "紀錄中沒有{bodies:body}{year}年的{what:owing}",
    ),
    "article19.disagree": (
        "published figures disagree on {what:owing} {year} to {bodies:body}",
        "{bodies:body}{year}年的{what:owing}，公布數字不一",
    ),
    "article19.enter": (
        "enter what you know with --assessed and --arrears",
        "可用 `--assessed` 與 `--arrears` 輸入已知數字",
    ),
    "owing.assessed": ("the assessment of", "會費核定數"),
    "owing.arrears": ("the arrears in", "欠款"),
    # heads of columns
    "column.year": ("year", "年份"),
    "column.fund": ("fund", "款項"),
    "column.ledger": ("ledger", "帳別"),
    "column.amount": ("amount", "金額"),
    "column.currency": ("currency", "幣別"),
    "column.usd": ("usd", "美元"),
    "column.source": ("source", "來源"),
    "column.share": ("share", "占比"),
    "column.share_of": ("share_of", "占比基準"),
    "column.low": ("low", "下限"),
    "column.high": ("high", "上限"),
    "column.projected": ("projected", "推估"),
    "column.lost": ("lost", "因退出減少"),
    "column.status": ("status", "狀態"),
    "column.why": ("why", "說明"),
    "column.what": ("what", "項目"),
    "column.as_of": ("as_of", "截至"),
    "column.flag": ("flag", "標記"),
    "column.note": ("note", "附註"),
    "column.rule": ("rule", "規則"),
    "column.payer": ("payer", "付款國"),
    "column.given": ("given", "已付"),
    "column.rise": ("rise", "增幅"),
    "column.scale": ("scale", "依據"),
    "column.definition": ("definition", "定義"),
    "column.years": ("years", "年數"),
    "column.events": ("events", "次數"),
    "column.refilled": ("refilled", "補足"),
    "column.rate": ("rate", "比例"),
    "column.by_body_low": ("by_body_low", "按機構下限"),
    "column.by_body_high": ("by_body_high", "按機構上限"),
    "column.bodies": ("bodies", "機構數"),
    "column.too_recent": ("too_recent", "年份太近"),
    "column.returned": ("returned", "自行恢復"),
    "column.without_a_fall_rate": ("without_a_fall_rate", "未減少時比例"),
    "column.without_a_fall": ("without_a_fall", "未減少次數"),
    "column.ahead": ("ahead", "往後年數"),
    "column.cases": ("cases", "例數"),
    "column.held": ("held", "成立"),
    "column.factor": ("factor", "倍數"),
    "column.before": ("before", "先前"),
    "column.gap": ("gap", "缺口"),
    "column.share_before": ("share_before", "先前占比"),
    "column.made_good_1": ("made_good_1", "1年補足"),
    "column.made_good_2": ("made_good_2", "2年補足"),
    "column.made_good_3": ("made_good_3", "3年補足"),
    "column.question": ("question", "問題"),
    "column.value": ("value", "數值"),
    "column.unit": ("unit", "單位"),
    "column.command": ("command", "指令"),
    "column.area": ("area", "領域"),
    "column.weight": ("weight", "權重"),
    "column.without_members": ("without_members", "會員不詳"),
    "column.measured": ("measured", "已測量"),
    "column.left": ("left", "遭退出"),
    "column.mean_before": ("mean_before", "平均涵蓋（先前）"),
    "column.mean_now": ("mean_now", "平均涵蓋（現在）"),
    "column.mean_after": ("mean_after", "平均涵蓋（退出後）"),
    "column.any_before": ("any_before", "至少一個（先前）"),
    "column.any_now": ("any_now", "至少一個（現在）"),
    "column.any_after": ("any_after", "至少一個（退出後）"),
    "column.leaver_before": ("leaver_before", "退出國參加（先前）"),
    "column.leaver_now": ("leaver_now", "退出國參加（現在）"),
    "column.leaver_after": ("leaver_after", "退出國參加（退出後）"),
    "column.mean_start": ("mean_start", "平均涵蓋（起始）"),
    "column.mean_end": ("mean_end", "平均涵蓋（結束）"),
    "column.mean_low": ("mean_low", "平均涵蓋下限"),
    "column.mean_high": ("mean_high", "平均涵蓋上限"),
    "column.mean_change": ("mean_change", "平均涵蓋變動"),
    "column.mean_change_low": ("mean_change_low", "變動下限"),
    "column.mean_change_high": ("mean_change_high", "變動上限"),
    "column.any_start": ("any_start", "至少一個（起始）"),
    "column.any_end": ("any_end", "至少一個（結束）"),
    "column.any_change": ("any_change", "至少一個變動"),
    "column.measure": ("measure", "衡量"),
    "column.when": ("when", "時點"),
    "column.rank": ("rank", "名次"),
    "column.of": ("of", "國數"),
    "column.change": ("change", "變動"),
    "column.partner": ("partner", "他國"),
    "column.now": ("now", "現在"),
    "column.after": ("after", "退出後"),
    "column.ties_before": ("ties_before", "聯繫（先前）"),
    "column.ties_now": ("ties_now", "聯繫（現在）"),
    "column.ties_after": ("ties_after", "聯繫（退出後）"),
    "column.relation": ("relation", "關係"),
    "column.date": ("date", "日期"),
    "column.number": ("number", "數目"),
    "column.id": ("id", "編號"),
    "column.kind": ("kind", "類型"),
    "column.states": ("states", "國家"),
    "column.in_batch": ("in_batch", "在名單內"),
    "column.rate_pct": ("rate_pct", "比率（%）"),
    "column.vote": ("vote", "投票權"),
    "column.because": ("because", "理由"),
    "column.assessed": ("assessed", "應繳會費"),
    "column.due": ("due", "應繳合計"),
    "column.arrears": ("arrears", "欠款"),
    "column.pay_more_than": ("pay_more_than", "須繳逾"),
    "column.entered": ("entered", "自行輸入"),
    "column.lacking": ("lacking", "缺少"),
    "column.known": ("known", "已知數字"),
    "column.reference": ("reference", "規定"),
}
