"""Words of the report on an argument put to the test; verdicts and the map have theirs in `argument.py`."""

from __future__ import annotations

from typing import Final

ARGUED: Final[dict[str, tuple[str, str]]] = {
    "nav.argument": ("Argument", "論證"),
    "argued.title": (
        "Of {claims} claims in a critique, {hold} hold and {against} do not; of {links} links, {borne} is borne out",
        "一篇評論之{claims}項論點中，{hold}項成立、{against}項不成立；{links}條關聯中{borne}條獲支持",
    ),
    "argued.sub": (
        "Each claim in neutral wording with its verdict, each link with its estimate; motives and judgements get no verdict",
        "各論點以中性文字列出並附判定，各關聯附估計值；動機與評價不作判定",
    ),
    "argued.claims": ("Every claim with its verdict", "各項論點與判定"),
    "argued.claims_caption": ("Claims, verdicts and the figures they rest on", "論點、判定與所據數字"),
    "argued.links": ("Every link with its estimate", "各項關聯與估計值"),
    "argued.links_caption": ("Links, verdicts and estimates", "關聯、判定與估計值"),
    "argued.says": ("What the argument as a whole may claim", "此論證整體可主張者"),
    "argued.title_all": (
        "{count} arguments on leaving under the same test: of {claims} claims {hold} hold and {against} do not",
        "{count}項關於退出之論證經同樣檢驗：{claims}項論點中，{hold}項成立、{against}項不成立",
    ),
    "argued.all": ("Every argument under the same test", "各項論證，同一檢驗"),
    "argued.all_caption": (
        "Claims by verdict and links borne out, by argument, with the command that prints it",
        "各論證之論點判定、獲支持之關聯，以及重現之指令",
    ),
    "argued.whole": ("{title}: map, claims and links", "{title}：關聯圖、論點與關聯"),
    "argued.of": ("{part} of {whole}", "{whole}條中{part}條"),
    "head.argument": ("Argument", "論證"),
    "head.claims": ("Claims", "論點"),
    "head.hold": ("Hold", "成立"),
    "head.in_part": ("In part, or divided", "部分成立或分歧"),
    "head.do_not": ("Do not hold", "不成立"),
    "head.silent": ("Record silent", "紀錄無載"),
    "head.no_verdict": ("No verdict", "不作判定"),
    "head.links_borne": ("Links borne out", "獲支持之關聯"),
    "head.number_of": ("No.", "編號"),
    "head.sort": ("Kind", "類別"),
    "head.claim_text": ("Claim", "論點"),
    "head.link": ("Link", "關聯"),
    "head.rests_on": ("Figure", "所據數字"),
}
