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
}
