"""English text of the record, told in either language: status rules and reasons for dropped rows."""

from __future__ import annotations

import re
from typing import Final

RULE_WORDS: Final[dict[str, tuple[str, str]]] = {
    "rule.no_membership": (
        "There is no membership to end here ({what:what}).",
        "此處並無可終止的會籍（{what:what}）。",
    ),
    "rule.member_later": (
        "A member, for it later did this: {act:act} ({day:date}).",
        "視為會員，因其後有此行為：{act:act}（{day:date}）。",
    ),
    "rule.first_later": (
        "First act towards the body comes later: {act:act} ({day:date}).",
        "對該機構的首次行為在後：{act:act}（{day:date}）。",
    ),
    "rule.member_for": (
        "A member, for it did this: {act:act} ({day:date}).",
        "視為會員，因有此行為：{act:act}（{day:date}）。",
    ),
    "rule.joined": ("Joined, {day:date}.", "{day:date}加入。"),
    "rule.acceded": ("Acceded, {day:date}.", "{day:date}加入（交存）。"),
    "rule.ratified": ("Ratified, {day:date}.", "{day:date}批准。"),
    "rule.entered_into_force": ("Entered into force, {day:date}.", "{day:date}條約生效。"),
    "rule.rejoined": ("Rejoined, {day:date}.", "{day:date}重新加入。"),
    "rule.signed": ("Signed on {day:date}, not bound since.", "{day:date}簽署，其後未受拘束。"),
    "rule.announced": ("Announced on {day:date}; no notice established.", "{day:date}宣布；查無通知。"),
    "rule.notified": ("Notice given on {day:date}.", "{day:date}通知（交存）。"),
    "rule.notice_rescinded": ("Notice taken back, by {day:date}.", "撤回通知，不晚於{day:date}。"),
    "rule.halted": ("Procedure halted, by {day:date}.", "程序中止，不晚於{day:date}。"),
    "rule.effect_disputed": ("Said to have taken effect on {day:date}; disputed.", "據稱於{day:date}生效；有爭議。"),
    "rule.effect": ("Took effect on {day:date}.", "{day:date}生效。"),
    "rule.effect_claimed": ("Claimed by {by:by} to have taken effect on {day:date}.", "{by:by}稱於{day:date}生效。"),
    "rule.expelled": ("Membership ended by the body on {day:date}.", "{day:date}經該機構終止會籍。"),
    "rule.suspended": ("Rights suspended on {day:date}.", "{day:date}權利中止。"),
    "rule.signature_withdrawn": (
        "Signature withdrawn on {day:date}; never a party.",
        "{day:date}撤回簽署；從未成為締約國。",
    ),
    "rule.ratification_withdrawn": (
        "Ratification withdrawn on {day:date}; the signature stands.",
        "{day:date}撤回批准；簽署仍在。",
    ),
    "rule.due_passed": (
        "The exit was due on {day:date}; no act in the record confirms it.",
        "退出應於{day:date}屆期；紀錄中無行為可證實。",
    ),
    "rule.state_outside": (
        "The state was not in the state system on {day:date}.",
        "{day:date}該國不在國家體系之列。",
    ),
    "rule.founded": ("The body was founded in {year}.", "該機構於{year}年成立。"),
    "rule.ended": ("The body ended in {year}.", "該機構於{year}年結束。"),
    "rule.coded": (
        "{reading:rule_reading}: {status:status}, {year} (source: {source:source}).",
        "{reading:rule_reading}{status:status}，{year}年（來源：{source:source}）。",
    ),
    "rule.dues_stopped": (
        "Assessed dues stopped by {year}; no act of leaving is known (source: {source:source}).",
        "會費·攤款至遲於{year}年中斷；查無退出行為（來源：{source:source}）。",
    ),
    "rule.coded_outside": (
        "Coded as outside in {year} (source: {source:source}).",
        "{year}年編碼為非會員（來源：{source:source}）。",
    ),
    "rule.earlier": ("Earlier: {text}", "此前：{text}"),
    "rule.silent": ("Neither acts nor coded memberships tell.", "行為紀錄與編碼會籍均未能說明。"),
    "rule.closing": (
        "The record closes on {day:date}; later days are not known.",
        "紀錄截止於{day:date}；其後情形不詳。",
    ),
    "rule_reading.observed": ("Coded", "編碼為"),
    "rule_reading.act": ("By a dated act", "依有日期之行為"),
    "rule_reading.dues": ("By assessed dues", "依會費·攤款"),
    "rule_reading.roster": ("Listed by the World Factbook", "依《世界概況》名錄"),
    "rule_reading.carried_forward": ("Last coded status, carried forward", "沿用最後一次編碼"),
    "source.cia_factbook": ("the World Factbook", "《世界概況》"),
    "by.other_state": ("another state", "另一國"),
    "contest.by": ("{by:by}: {act:act}, {day:date}", "{by:by}：{act:act}，{day:date}"),
    "contest.claimant_missing": (
        "the act that says so names nobody ({act})",
        "該行為未載明由何方提出（{act}）",
    ),
    "doubt.expects": ("expects {n} times the exits that came", "預期退出為實際之 {n} 倍"),
    "doubt.few": ("few exits ({n})", "退出次數少（{n}）"),
    "doubt.none": ("no skill told apart from none against the {against}", "相對於{against}，技能無法與零區別"),
    "doubt.worse": ("worse than the {against}", "不如{against}"),
    "doubt.part": ("scores {n} % of the memberships only", "僅能評分 {n}% 之會籍"),
    "against.common": ("common structure", "共同結構"),
    "against.constant": ("constant rate", "固定比率"),
    "against.trailing": ("rate of the last ten years", "近十年比率"),
    "against.empirical bayes": ("member's own record", "會員自身紀錄"),
    "sign.every": ("{sign} on every outcome", "各定義下均為 {sign}"),
    "sign.claimed": ("{sign} on every outcome, as claimed", "各定義下均為 {sign}，與主張相符"),
    "sign.none": (
        "{sign} on every outcome, told apart from none on none of them",
        "各定義下均為 {sign}，但均無法與零區別",
    ),
    "sign.some": (
        "{sign} on every outcome, told apart from none on {outcomes} only",
        "各定義下均為 {sign}，僅在{outcomes}下可與零區別",
    ),
    "sign.changes": ("not settled: its sign changes with the outcome", "未有定論：正負號隨定義而變"),
    "sign.changes_no": (
        "not settled: its sign changes with the outcome; no estimate on {outcomes}",
        "未有定論：正負號隨定義而變；{outcomes}下無估計值",
    ),
    "outcome_short.raw": ("raw", "「原始」"),
    "outcome_short.cleaned": ("cleaned", "「整理後」"),
    "outcome_short.core": ("core", "「核心」"),
    "outcome_short.verified": ("verified", "「查證」"),
    "term.gdp_share": ("share of world product", "占世界產值份額"),
    "term.authority": ("authority of the body", "該機構權限"),
    "term.distance_x_authority": ("distance × authority", "立場距離 × 機構權限"),
    "term.rivals_founded5": ("rival bodies founded in five years", "五年內新設之競爭機構"),
    "term.standing": ("standing among the members", "在會員間的地位"),
    "dropped.seam": ("the year 1965, where two coding schemes meet", "1965年：兩套編碼方式銜接之年"),
    "dropped.before": ("before {year}", "{year}年以前"),
    "dropped.after": ("after {year}", "{year}年以後"),
    "dropped.not_core": ("commodity and technical bodies, left out of this outcome", "商品與技術機構，不列入此定義"),
    "dropped.undocumented": ("a coded step without a document", "有編碼變動而無文件可證"),
    "dropped.span": ("no value for: {term:term} (outside the span of its source)", "缺值：{term:term}（超出來源年限）"),
    "dropped.state": ("no value for: {term:term} (state not covered)", "缺值：{term:term}（來源未涵蓋該國）"),
    "dropped.body": ("no value for: {term:term} (body not covered)", "缺值：{term:term}（來源未涵蓋該機構）"),
    "dropped.old": (
        "no value for: {term:term} (last observed too long before)",
        "缺值：{term:term}（最近一次觀測過早）",
    ),
    "dropped.alone": ("no value for: {term:term} (nobody to compare with)", "缺值：{term:term}（無從比較）"),
}

PATTERNS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r"expects (?P<n>[0-9.]+) times the exits that came", "doubt.expects"),
        (r"few events \((?P<n>\d+)\)", "doubt.few"),
        (r"no skill told apart from none against (?P<against>[a-z ]+)", "doubt.none"),
        (r"worse than (?P<against>[a-z ]+)", "doubt.worse"),
        (r"scores (?P<n>\d+)% of the memberships only", "doubt.part"),
        (r"(?P<sign>[+\u2212]) on every outcome", "sign.every"),
        (r"(?P<sign>[+\u2212]) on every outcome, as claimed", "sign.claimed"),
        (r"(?P<sign>[+\u2212]) on every outcome, told apart from none on none of them", "sign.none"),
        (r"(?P<sign>[+\u2212]) on every outcome, told apart from none on (?P<outcomes>[a-z, ]+) only", "sign.some"),
        (r"not settled: its sign changes with the outcome", "sign.changes"),
        (r"not settled: its sign changes with the outcome; no estimate on (?P<outcomes>[a-z, ]+)", "sign.changes_no"),
    )
)
"""English wording of `record/status.py`, `panel/build.py` and `explain/compare.py` → key of the sentence."""
