"""Words of the report on what the ledgers hold of one state or one body; English and Traditional Chinese."""

from __future__ import annotations

from typing import Final

PAID: Final[dict[str, tuple[str, str]]] = {
    "nav.paid": ("Money", "經費"),
    "paid.title_body": (
        "{name}: dues of {amount} fell due in {year}; the largest share, {share}, was that of {largest}",
        "{name}：{year}年應繳會費·攤款 {amount}；份額最大者為{largest}，占 {share}",
    ),
    "paid.title_gifts": (
        "{name}: {amount} of contributions in {year}; the largest share, {share}, was that of {largest}",
        "{name}：{year}年捐款 {amount}；份額最大者為{largest}，占 {share}",
    ),
    "paid.title_state": (
        "{name}: dues of {amount} fell due in {year}, {share} of all dues to the same bodies",
        "{name}：{year}年應繳會費·攤款 {amount}，占同批機構全部會費·攤款之 {share}",
    ),
    "paid.title_some": ("{name}: what the ledgers hold of its money", "{name}：帳目所載經費"),
    "paid.title_none": (
        "No ledger of the record covers dues or contributions of {name}",
        "{name}之會費·攤款與捐款，紀錄中無帳目可查",
    ),
    "paid.sub": (
        "US dollars of each year as bodies report them to the UN Chief Executives Board; dues are booked when they fall "
        "due, paid or not. A body or a year that is not reported there has no row",
        "各年美元金額，依各機構向聯合國行政首長協調理事會申報；會費·攤款於到期時入帳，不論是否已繳。未申報之機構或年份不列",
    ),
    "paid.none": (
        "What it receives or pays is not determined here: no source of the record has it. This says nothing of whether dues "
        "exist; its own budget documents would tell.",
        "其收支於此無法判定：紀錄之各來源均未載。此不表示無會費可言；須查該機構自身之預算文件。",
    ),
    "paid.inside": (
        "It is part of the United Nations and paid from the UN regular budget as far as states are assessed for it:",
        "其屬聯合國，凡向各國攤派者，由聯合國經常預算支應：",
    ),
    "paid.between": (
        "No dues are owed to it: the bodies that take part carry it.",
        "各國無須向其繳費：由參與之機構分擔。",
    ),
    "paid.scale": (
        "By the scale of the UN regular budget its share is {rate} for {first}–{last}; it was {before} in {then}.",
        "依聯合國經常預算分攤比額，{first}–{last}年為 {rate}；{then}年為 {before}。",
    ),
    "paid.years": ("By year", "逐年金額"),
    "paid.years_body": (
        "Dues and contributions by year, US dollars, all donors together, and the payer with the largest share",
        "逐年會費·攤款與捐款（美元，全部捐助者合計）及份額最大者",
    ),
    "paid.years_state": (
        "Dues and contributions by year, US dollars, all bodies that report, and the share of all dues to the bodies that it "
        "owes dues",
        "逐年會費·攤款與捐款（美元，所有申報機構合計），以及占其應繳機構全部會費·攤款之比例",
    ),
    "paid.latest_body": ("Donors in {year}", "{year}年各捐助者"),
    "paid.latest_state": ("By body, the last year that each reports", "各機構最近申報年度"),
    "paid.latest_body_caption": (
        "Dues and contributions of {year} by donor, US dollars, and the share of all dues",
        "{year}年各捐助者會費·攤款與捐款（美元）及占全部會費·攤款之比例",
    ),
    "paid.latest_state_caption": (
        "Dues and contributions by body, US dollars, and the share of all dues to the body",
        "各機構會費·攤款與捐款（美元）及占該機構全部會費·攤款之比例",
    ),
    "paid.most": (
        "The {shown} largest of {total}; the CSV copy holds all.",
        "僅列最大之{shown}筆，共{total}筆；CSV 副本含全部。",
    ),
    "paid.scale_table": ("Share by the UN scale, period by period", "歷期聯合國分攤比額"),
    "paid.scale_caption": ("Share of the UN regular budget by its scale of assessments", "聯合國經常預算分攤比額"),
    "paid.others": ("Arrears, payments and requests", "欠費、繳款與請撥"),
    "paid.others_caption": (
        "Other figures of the ledgers, each as its source has it; rival figures stand side by side",
        "帳目其他數字，均依來源所載；彼此不符者並列",
    ),
    "paid.latest_first": (
        "The {shown} latest of {total}; the CSV copy holds all.",
        "僅列最近之{shown}筆，共{total}筆；CSV 副本含全部。",
    ),
    "paid.command": ("Every figure with its source:", "各項數字及其來源："),
    "head.dues": ("Dues", "會費·攤款"),
    "head.core": ("Unearmarked gifts", "未指定用途捐款"),
    "head.earmarked": ("Earmarked gifts", "指定用途捐款"),
    "head.parties_body": ("Donors", "捐助者數"),
    "head.parties_state": ("Bodies", "機構數"),
    "head.largest": ("Largest payer", "份額最大者"),
    "head.share_dues": ("Share of dues", "會費占比"),
    "head.dues_amount": ("Amount", "金額"),
    "head.period": ("Years", "年份"),
    "head.donor": ("Donor", "捐助者"),
    "money.inside_un": (
        "{bodies:body}: part of the United Nations, paid from the UN regular budget as far as states are assessed for it; see "
        "`exeunt money un_regular_budget`.",
        "{bodies:body}屬於聯合國，凡向各國攤派的部分由聯合國經常預算支應；見 `exeunt money un_regular_budget`。",
    ),
    "money.between_bodies": (
        "{bodies:body}: no dues are owed to it; the bodies that take part carry it.",
        "各國不須向{bodies:body}繳費，由參與的機構分擔。",
    ),
    "money.everybody": ("all", "全部"),
}
