"""Our own notes and warnings, told in the reader's language; None where a wording is not known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from exeunt.words import day, jobs, known, word

PLACEBOS: Final = {"leads": "其後各年之退出", "permuted years": "年份打亂", "unrelated bodies": "無關機構"}
KINDS: Final = {"assessed": "會費·攤款", "voluntary": "自願捐款"}
LINES: Final[dict[str, str]] = {
    "bodies: figures": "帳目有數字之機構",
    "bodies: regular_budget": "由聯合國經常預算支應之機構",
    "bodies: no_dues": "各國無須繳費之機構",
    "bodies: unknown": "帳目無載之機構",
    "exits whose body has known members": "所退機構會員為已知之退出",
    "bodies with a known issue area": "議題領域為已知之機構",
    "issue areas with a body that is left": "有機構被退出之議題領域",
    "areas in which a leaving state has no body left": "退出國已無所屬機構之領域",
    "left_with": "一同退出之行為",
    "joined_since": "其後加入之行為",
    "protocol": "隨機構終止之議定書",
    "depends_on": "以機構為基礎者",
    "part": "機構之下屬",
    "host": "機構所在地",
    "only_seat": "該領域之唯一席位",
    "a ledger holds money of the leaving state": "帳目載有退出國之款項",
    "paid from what UN members are assessed": "由聯合國會員國之攤款支應",
    "no dues are owed to it": "各國無須向其繳費",
    "no ledger of the record has a figure": "紀錄之帳目均無數字",
    "other states, same bodies": "其他國家，同一批機構",
    "none": "無",
    "no notice is established": "未能查證有通知",
    "neither a notice nor an announcement is in the record": "紀錄中既無通知亦無宣布",
    "there is no membership whose end could take effect": "無會籍可供終止",
    "no rule binds taking part: it can stop at once": "參與不受規則拘束，可隨時停止",
    "no exit rule of this body is in the record": "紀錄中無此機構之退出規則",
    "the clause bars effect before the end of the armed conflict in which the state is engaged":
        "依該條款，於該國所涉武裝衝突結束前不生效",
    "the instrument is silent: the day holds only if withdrawal is admitted at all":
        "文書未作規定：僅於退出獲允時成立",
    "no period is set": "未定期間",
    "no right to leave: the treaty has no exit clause and none is implied": "無退出權：條約無退出條款，亦無從推知",
    "whether the body rests on a treaty is not in the record": "該機構是否以條約為基礎，紀錄未載",
    "the year of the treaty is not in the record, so whether it predates the VCLT is open":
        "條約年份紀錄未載，是否早於《條約法公約》未能判定",
    "no rule binds taking part, so nothing stands against that": "參與不受規則拘束，故無所牴觸",
    "the instrument is silent, so the claim is neither lawful nor unlawful by a clause":
        "文書未作規定，故此主張無條款可據以認定合法或不合法",
    "the clause in the record is not verified, so the claim is not held against it": "紀錄中之條款未經查證，故不以之衡量此主張",
    "the clause names no time of notice to hold that against": "該條款未定通知期間，無從衡量",
    "the bounds do not decide: what comes together in one year may be influence or a common occasion, and annual data do "
    "not tell which.": "兩種界限未能判定：同年一併發生者，可能出於影響，亦可能出於共同時機，年度資料無從分辨。",
}  # fmt: skip
"""Wordings that stand whole, semicolons and all."""
UNITS: Final = {"year": "年", "month": "個月", "week": "週", "day": "日"}
COUNTS: Final = {
    "one": "一", "two": "二", "three": "三", "four": "四", "five": "五", "six": "六", "seven": "七", "eight": "八",
    "nine": "九", "ten": "十", "eleven": "十一", "twelve": "十二",
}  # fmt: skip
WAITS: Final = {
    "waiting for 30 June": "等至6月30日",
    "waiting for the end of the calendar year": "等至曆年終了",
    "waiting for the end of the next calendar year": "等至次一曆年終了",
    "waiting for the end of the financial year": "等至財政年度終了",
    "waiting for the end of the next financial year": "等至次一財政年度終了",
    "waiting for the next calendar year": "等至次一曆年",
    "waiting for the first of a month": "等至某月首日",
    "its own procedure": "其自身之程序",
}
_DAY = r"[0-9X/.~?%-]+"
PATTERNS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), chinese)
    for pattern, chinese in (
        (r"gap a year: (?P<ledger>\w+)", "每年缺口：{ledger}"),
        (r"gaps refilled within (?P<n>\d+) years", "{n}年內補足之缺口"),
        (r"(?P<state>[A-Z]{3}): bodies after", "{state}：全部退出後之所屬機構數"),
        (r"(?P<state>[A-Z]{3}): shared after", "{state}：全部退出後與他國共同機構數（平均）"),
        (r"(?P<state>[A-Z]{3}): votes after", "{state}：全部退出後與他國投票距離"),
        (r"(?P<n>\d+) bodies, first lost year (?P<y>\d+)", "{n}個機構，首個缺口年度為{y}年"),
        (r"(?P<n>\d+) bodies, first lost year (?P<y>\d+) to (?P<z>\d+)", "{n}個機構，首個缺口年度為{y}至{z}年"),
        (r"(?P<n>\d+) of (?P<m>\d+) falls since 2015; without a fall the same rise came in (?P<x>[\d.]+)",
         "2015年以來{m}次下降中，{n}次已補足；未下降者同等回升之比例為 {x}"),
        (r"of (?P<n>\d+)", "共{n}項"),
        (r"(?P<n>\d+) of (?P<m>\d+), mostly bodies that somebody left", "{m}個中之{n}個，多為曾有國家退出者"),
        (r"rank (?P<n>\d+) of (?P<m>\d+), change (?P<x>[-+\u2212][\d.]+)", "{m}國中第{n}位，變動 {x}"),
        (r"(?:a placebo|placebos) failed \((?P<placebos>[^)]+)\): counts that cannot have moved anybody go with leaving "
         r"too, so those of the hazard may stand in for something else\.",
         "安慰劑檢驗未通過（{placebos}）：不可能產生影響之計數亦與退出相伴，故模型所用計數可能代表其他因素。"),
        (r"neither contagion nor momentum lies beyond what shuffled years give, which spread up to (?P<x>[\d.]+) times "
         r"as wide as the error of one fit: exits that come in bundles make the intervals here too narrow\.",
         "擴散與慣性均未超出年份打亂後所得之範圍，後者之散布可達單次估計誤差之 {x} 倍：退出成批發生，使此處區間過窄。"),
        (r"in worlds of known R the interval held the truth in (?P<a>\d+) to (?P<b>\d+) % of worlds, by kind of world; "
         r"where there was no influence R without depletion still read (?P<c>[\d.]+) to (?P<d>[\d.]+), for it is never "
         r"below 0; where exits come in bundles of body-years, as they do in the data, R above 0 was too low by "
         r"(?P<e>[\d.]+) to (?P<f>[\d.]+)\.",
         "在已知 R 之模擬世界中，依世界種類，區間於 {a}% 至 {b}% 之世界含真值；無影響時，不計耗竭之 R 仍讀得 {c} 至 {d}，"
         "因其不低於 0；退出依機構與年份成批發生時（資料即如此），大於 0 之 R 低估 {e} 至 {f}。"),
        (r"the hazard is fitted to rows up to (?P<y>\d+); (?P<z>\d+) is beyond them, and memberships since (?P<x>\d+) are "
         r"carried forward where no act is known\.",
         "風險率依{y}年以前之資料估計；{z}年已在其外，且{x}年以後無已知行為者，會籍沿用先前狀態。"),
        (r"(?P<bodies>[\w, ]+): part of the United Nations, paid from the UN regular budget as far as states are "
         r"assessed for it; see `exeunt money un_regular_budget`\.",
         "{bodies}：屬聯合國，凡向各國攤派者，由聯合國經常預算支應；見 `exeunt money un_regular_budget`。"),
        (r"(?P<bodies>[\w, ]+): no dues are owed to it; the bodies that take part carry it\.",
         "{bodies}：各國無須向其繳費，由參與之機構分擔。"),
        (rf"notice given on (?P<day>{_DAY})", "{day}提出通知"),
        (rf"if notice was given on (?P<day>{_DAY})", "若於{day}提出通知"),
        (r"the rule is (?P<effect>\w+) and gives no day", "依其規則（{effect}）無從得出日期"),
        (r"the clause asks for P(?P<n>\d+)Y as a member first, the day of entry is not in the record",
         "該條款要求先為會員{n}年，入會日不在紀錄中"),
        (rf"notice is allowed from (?P<day>{_DAY}), P(?P<n>\d+)Y after (?P<until>{_DAY})",
         "自{day}起始得提出通知，即{until}之後{n}年"),
        (rf"on (?P<day>{_DAY}) the state said that leaving works at once", "該國於{day}表示退出即時生效"),
        (rf"on (?P<day>{_DAY}) the state said that leaving works at once; the clause(?: \((?P<clause>.+)\))? asks for "
         rf"(?P<asked>[a-z0-9 ]+), so not before (?P<until>{_DAY})",
         "該國於{day}表示退出即時生效；該條款（{clause}）要求{asked}，故不早於{until}"),
        (rf"effect is claimed for (?P<day>{_DAY}); the clause(?: \((?P<clause>.+)\))? asks for (?P<asked>[a-z0-9 ]+), so not "
         rf"before (?P<until>{_DAY})", "主張於{day}生效；該條款（{clause}）要求{asked}，故不早於{until}"),
        (r"P(?P<n>\d+)Y", "{n}年"), (r"P(?P<n>\d+)M", "{n}個月"), (r"P(?P<n>\d+)D", "{n}日"),
        (r"a right is implied by the parties' intention or the nature of the treaty: twelve months' notice, so (?P<day>" + _DAY
         + ")", "由締約方原意或條約性質得推知退出權：十二個月前通知，故為{day}"),
        (r"the body rests on a treaty: (?P<name>.+)", "該機構以條約為基礎：{name}"),
        (r"the body rests on a treaty \(kind: (?P<kind>[\w ]+)\)", "該機構以條約為基礎（類型：{kind}）"),
        (r"the body rests on no treaty \((?P<kind>[\w ]+)\), so the law of treaties has nothing to end",
         "該機構不以條約為基礎（{kind}），故依條約法並無可終止者"),
        (r"the body rests on no treaty \((?P<name>.+)\), so the law of treaties has nothing to end",
         "該機構不以條約為基礎（{name}），故依條約法並無可終止者"),
        (r"(?P<state>[A-Z]{3}) is party to the VCLT, since (?P<day>\d{4}-\d\d-\d\d)",
         "{state}為《條約法公約》締約國，自{day}起"),
        (r"(?P<state>[A-Z]{3}) is party to the VCLT, since (?P<n>\d{4}) at the latest",
         "{state}為《條約法公約》締約國，至遲自{n}年起"),
        (rf"(?P<state>[A-Z]{{3}}) is not yet party to the VCLT: it is from (?P<day>{_DAY})",
         "{state}尚非《條約法公約》締約國：自{day}起始為締約國"),
        (rf"(?P<state>[A-Z]{{3}}) became party to the VCLT by (?P<day>{_DAY}), the day was not read",
         "{state}於{day}以前成為《條約法公約》締約國，其日未查閱"),
        (rf"(?P<state>[A-Z]{{3}}) is a signatory of the VCLT and not party to it \(list of (?P<day>{_DAY})\)",
         "{state}為《條約法公約》簽署國，並非締約國（{day}名單）"),
        (rf"(?P<state>[A-Z]{{3}}) is no signatory of the VCLT and not party to it \(list of (?P<day>{_DAY})\)",
         "{state}未簽署《條約法公約》，亦非締約國（{day}名單）"),
        (rf"(?P<state>[A-Z]{{3}}) was a signatory of the VCLT and not party to it in the list of (?P<day>{_DAY}); "
         "none later was read", "依{day}名單，{state}為《條約法公約》簽署國，並非締約國；其後名單未查閱"),
        (rf"(?P<state>[A-Z]{{3}}) was no signatory of the VCLT and not party to it in the list of (?P<day>{_DAY}); "
         "none later was read", "依{day}名單，{state}未簽署《條約法公約》，亦非締約國；其後名單未查閱"),
        (r"whether (?P<state>[A-Z]{3}) is party to the VCLT is not in the record",
         "{state}是否為《條約法公約》締約國，紀錄未載"),
        (r"whether (?P<state>[A-Z]{3}) is party to the VCLT is not in the record \(.+\)",
         "{state}是否為《條約法公約》締約國，紀錄未載"),
        *(
            (start + end, said + then)
            for start, said in ((r"the treaty is of (?P<n>\d{4})", "條約訂於{n}年"),
                                (r"the body was founded in (?P<n>\d{4})", "該機構創立於{n}年"))
            for end, then in (
                (rf", before the VCLT entered into force on (?P<day>{_DAY}), so its article 56 could apply as custom only "
                 r"\(art\. 4\)",
                 "，早於《條約法公約》{day}生效，故其第56條僅能以習慣法適用（第4條）"),
                (rf", before the VCLT entered into force for (?P<state>[A-Z]{{3}}) \((?P<day>{_DAY})\), so its article 56 "
                 r"could apply as custom only \(art\. 4\)",
                 "，早於《條約法公約》對{state}生效（{day}），故其第56條僅能以習慣法適用（第4條）"),
                (r", after the VCLT entered into force", "，在《條約法公約》生效之後"),
                (r", after the VCLT entered into force for (?P<state>[A-Z]{3})", "，在《條約法公約》對{state}生效之後"),
                (r"; whether that is before the VCLT entered into force is open", "；是否早於《條約法公約》生效未能判定"),
                (r"; whether that is before the VCLT entered into force for (?P<state>[A-Z]{3}) is open",
                 "；是否早於《條約法公約》對{state}生效未能判定"),
            )
        ),
        *jobs.PATTERNS,
    )
)  # fmt: skip


def noted(text: str, states: Mapping[str, str] | None = None) -> str | None:
    """A note of ours in Traditional Chinese, or None where its wording is not known.

    Parameters
    ----------
    text : the note; several joined by semicolons are told part by part, all or none
    states : state code → its Chinese name, for notes that name states by code
    """
    whole = _one(text, states or {})
    if whole is not None or "; " not in text:
        return whole
    parts = [_one(part, states or {}) for part in text.split("; ")]
    return None if None in parts else "；".join(part for part in parts if part)


def _one(text: str, states: Mapping[str, str]) -> str | None:
    whole = LINES.get(text) or jobs.LINES.get(text)
    if whole is not None:
        return whole
    for pattern, chinese in PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            values = {name: _value(name, value or "", states) for name, value in found.groupdict().items()}
            if None not in values.values():
                return chinese.format(**values)
    return None


def _value(name: str, value: str, states: Mapping[str, str]) -> str | None:
    match name:
        case "day" | "until":
            return day(value, "zh-Hant")
        case "state":
            return states.get(value, value)
        case "ledger":
            return KINDS.get(value)
        case "effect":
            return word(f"effect.{value}", "zh-Hant") if known(f"effect.{value}") else None
        case "kind":
            key = f"kind.{value.replace(' ', '_')}"
            return word(key, "zh-Hant") if known(key) else None
        case "placebos":
            return "、".join(PLACEBOS.get(one, one) for one in value.split(", "))
        case "asked":
            parts = [_asked(part) for part in value.split(" and ")]
            return None if None in parts else "並".join(part for part in parts if part)
        case "clause":
            return value or "條號未載"
        case _:
            return value


def _asked(text: str) -> str | None:
    found = re.fullmatch(r"(\w+) (year|month|week|day)s? of notice", text)
    if found is None:
        return WAITS.get(text)
    return f"{COUNTS.get(found[1], found[1])}{UNITS[found[2]]}之通知期"
