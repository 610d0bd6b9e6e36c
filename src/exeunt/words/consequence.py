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
    "consequence.history": (
        "A fall: one of the five largest state donors gives at most half of its mean of the two years before. Refilled: all "
        "others together rise by 80 % of the gap or more in one of the years. The last rate but one column asks the same of "
        "donors that did not fall: what exceeds it can be read as refilling.",
        "減少：前五大捐助國之一所給不及前兩年平均之半。補足：其他捐助者合計在其中一年增加達缺口八成以上。倒數第二欄就未減少之捐助國提出"
        "同樣問題；超出該值之部分方可視為補足。",
    ),
    "consequence.events": (
        "`made_good_k` is the largest rise of all others within k years, over the gap; below 0 they fell too.",
        "made_good_k 為 k 年內其他捐助者最大增加額與缺口之比；低於 0 表示同樣減少。",
    ),
}
