"""Words of the clock: what starts it, what a clause asks for, what the law of treaties says of a silent instrument."""

from __future__ import annotations

from typing import Final

CLOCK: Final[dict[str, tuple[str, str]]] = {
    # why that day, or why none
    "clock.no_notice": ("no notice is established", "未能查證有退出通知"),
    "clock.if_notice": ("if notice was given on {day}", "若於{day:date}提出通知"),
    "clock.notice_given": ("notice given on {day}", "{day:date}提出通知"),
    "clock.no_act": (
        "neither a notice nor an announcement is in the record",
        "紀錄中沒有通知，也沒有宣布退出",
    ),
    "clock.stops_at_once": ("no rule binds taking part: it can stop at once", "參與不受規則約束，可隨時停止"),
    "clock.no_membership": (
        "there is no membership whose end could take effect",
        "沒有會籍，因此無從終止",
    ),
    "clock.no_rule": ("no exit rule of this body is in the record", "紀錄中沒有這個機構的退出規則"),
    "clock.armed_conflict": (
        "the clause bars effect before the end of the armed conflict in which the state is engaged",
        "依該條款，在該國所涉武裝衝突結束前，退出不生效",
    ),
    "clock.if_admitted": (
        "the instrument is silent: the day holds only if withdrawal is admitted at all",
        "文書未規定退出：只有在容許退出時，這個日期才成立",
    ),
    "clock.no_period": ("no period is set", "未規定期間"),
    "clock.no_day": ("the rule is {effect_rule} and gives no day", "依其規則（{effect_rule:effect}）無法算出日期"),
    "clock.entry_unknown": (
        "the clause asks for {period:period} as a member first; the day of entry is not in the record",
        "該條款要求先擔任會員{period:period}，但紀錄中沒有入會日期",
    ),
    "clock.allowed_from": (
        "notice is allowed from {day}, {period:period} after {since}",
        "自{day:date}起才能提出通知，也就是{since:date}起滿{period:period}",
    ),
    # a claim held against a clause
    "claim.at_once": ("on {day} the state said that leaving works at once", "該國於{day:date}表示退出立即生效"),
    "claim.effect": ("effect is claimed for {day}", "該國主張於{day:date}生效"),
    "claim.no_rule_binds": (
        "no rule binds taking part, so nothing stands against that",
        "參與不受規則約束，因此並無牴觸",
    ),
    "claim.no_rule": ("no exit rule of this body is in the record", "紀錄中沒有這個機構的退出規則"),
    "claim.silent": (
        "the instrument is silent, so the claim is neither lawful nor unlawful by a clause",
        "文書未規定退出，因此沒有條款可以判斷這項主張是否合法",
    ),
    "claim.unverified": (
        "the clause in the record is not verified, so the claim is not held against it",
        "紀錄中的條款未經查證，因此不用來衡量這項主張",
    ),
    "claim.no_time": (
        "the clause names no time of notice to hold that against",
        "該條款未規定通知期間，無從衡量",
    ),
    "claim.notice": (
        "the clause ({clause}) asks for {notice:period} of notice",
        "該條款（{clause}）要求{notice:period}前通知",
    ),
    "claim.notice_until": (
        "the clause ({clause}) asks for {notice:period} of notice, so not before {day}",
        "該條款（{clause}）要求{notice:period}前通知，因此不早於{day:date}",
    ),
    "claim.wait": ("the clause ({clause}) asks for {wait:wait}", "該條款（{clause}）要求{wait:wait}"),
    "claim.wait_until": (
        "the clause ({clause}) asks for {wait:wait}, so not before {day}",
        "該條款（{clause}）要求{wait:wait}，因此不早於{day:date}",
    ),
    "claim.notice_wait": (
        "the clause ({clause}) asks for {notice:period} of notice and {wait:wait}",
        "該條款（{clause}）要求{notice:period}前通知，並{wait:wait}",
    ),
    "claim.notice_wait_until": (
        "the clause ({clause}) asks for {notice:period} of notice and {wait:wait}, so not before {day}",
        "該條款（{clause}）要求{notice:period}前通知，並{wait:wait}，因此不早於{day:date}",
    ),
    "wait.own": ("its own procedure", "依其自身程序辦理"),
    "wait.fixed_day": ("waiting for 30 June", "等到6月30日"),
    "wait.end_of_calendar_year": ("waiting for the end of the calendar year", "等到年底"),
    "wait.end_of_next_calendar_year": ("waiting for the end of the next calendar year", "等到次年年底"),
    "wait.end_of_fiscal_year": ("waiting for the end of the financial year", "等到會計年度終了"),
    "wait.end_of_fiscal_year_by_cutoff": ("waiting for the end of the financial year", "等到會計年度終了"),
    "wait.end_of_next_fiscal_year": ("waiting for the end of the next financial year", "等到次一會計年度終了"),
    "wait.start_of_next_calendar_year": ("waiting for the next calendar year", "等到次年年初"),
    "wait.first_of_month_after": ("waiting for the first of a month", "等到月首日"),
    # lengths of time that the clauses of the record name
    "period.P60D": ("60 days", "60日"),
    "period.P90D": ("90 days", "90日"),
    "period.P150D": ("150 days", "150日"),
    "period.P180D": ("180 days", "180日"),
    "period.P1M": ("one month", "一個月"),
    "period.P2M": ("two months", "兩個月"),
    "period.P3M": ("three months", "三個月"),
    "period.P4M": ("four months", "四個月"),
    "period.P6M": ("six months", "六個月"),
    "period.P9M": ("nine months", "九個月"),
    "period.P12M": ("twelve months", "十二個月"),
    "period.P18M": ("18 months", "18個月"),
    "period.P1Y": ("one year", "一年"),
    "period.P2Y": ("two years", "兩年"),
    "period.P3Y": ("three years", "三年"),
    "period.P4Y": ("four years", "四年"),
    "period.P5Y": ("five years", "五年"),
    "period.P10Y": ("ten years", "十年"),
    "period.P20Y": ("20 years", "20年"),
    # readings of a silent instrument
    "reading.no_right": (
        "no right to leave: the treaty has no exit clause and none is implied",
        "無權退出：條約沒有退出條款，也無法推知有這項權利",
    ),
    "reading.implied": (
        "a right is implied by the parties' intention or the nature of the treaty: twelve months' notice, so {day}",
        "從締約方原意或條約性質可推知有權退出：須十二個月前通知，即{day:date}",
    ),
    "reading.treaty": ("the body rests on a treaty: {instrument}", "這個機構依條約成立：{instrument}"),
    "reading.treaty_kind": (
        "the body rests on a treaty (kind: {kind:kind})",
        "這個機構依條約成立（類型：{kind:kind}）",
    ),
    "reading.no_treaty": (
        "the body rests on no treaty ({instrument}), so the law of treaties has nothing to end",
        "這個機構並非依條約成立（{instrument}），因此在條約法上沒有可以終止的條約",
    ),
    "reading.no_treaty_kind": (
        "the body rests on no treaty ({kind:kind}), so the law of treaties has nothing to end",
        "這個機構並非依條約成立（{kind:kind}），因此在條約法上沒有可以終止的條約",
    ),
    "reading.treaty_unknown": (
        "whether the body rests on a treaty is not in the record",
        "這個機構是否依條約成立，紀錄沒有記載",
    ),
    "reading.party_unknown": (
        "whether {state:state} is party to the VCLT is not in the record",
        "{state:state}是否為《條約法公約》締約國，紀錄沒有記載",
    ),
    "reading.party_since": (
        "{state:state} is party to the VCLT, since {day}",
        "{state:state}自{day:date}起為《條約法公約》締約國",
    ),
    "reading.party_at_latest": (
        "{state:state} is party to the VCLT, since {year} at the latest",
        "{state:state}最遲自{year}年起為《條約法公約》締約國",
    ),
    "reading.party_from": (
        "{state:state} is not yet party to the VCLT: it is from {day}",
        "{state:state}尚非《條約法公約》締約國，{day:date}起才是",
    ),
    "reading.party_by": (
        "{state:state} became party to the VCLT by {day}, the day was not read",
        "{state:state}在{day:date}以前成為《條約法公約》締約國，確切日期未查閱",
    ),
    "reading.signatory": (
        "{state:state} is a signatory of the VCLT and not party to it (list of {day})",
        "{state:state}簽署了《條約法公約》，但不是締約國（{day:date}名單）",
    ),
    "reading.no_signatory": (
        "{state:state} is not a signatory of the VCLT and not party to it (list of {day})",
        "{state:state}未簽署《條約法公約》，也不是締約國（{day:date}名單）",
    ),
    "reading.was_signatory": (
        "{state:state} was a signatory of the VCLT and not party to it in the list of {day}; no later list was read",
        "依{day:date}名單，{state:state}簽署了《條約法公約》，但不是締約國；之後的名單未查閱",
    ),
    "reading.was_no_signatory": (
        "{state:state} was not a signatory of the VCLT and not party to it in the list of {day}; no later list was read",
        "依{day:date}名單，{state:state}未簽署《條約法公約》，也不是締約國；之後的名單未查閱",
    ),
    "dated_by.treaty": ("the treaty is of", "條約訂於"),
    "dated_by.founding": ("the body was founded in", "這個機構創立於"),
    "reading.year_unknown": (
        "the year of the treaty is not in the record, so whether it predates the VCLT is open",
        "紀錄沒有條約年份，是否早於《條約法公約》無法判定",
    ),
    "reading.before": (
        "{by:dated_by} {year}, before the VCLT entered into force on {day}, so its article 56 could apply as custom only "
        "(art. 4)",
        "{by:dated_by}{year}年，早於《條約法公約》{day:date}生效，因此第56條只能作為習慣法適用（第4條）",
    ),
    "reading.before_for": (
        "{by:dated_by} {year}, before the VCLT entered into force for {state:state} ({day}), so its article 56 could apply as "
        "custom only (art. 4)",
        "{by:dated_by}{year}年，早於《條約法公約》對{state:state}生效（{day:date}），因此第56條只能作為習慣法適用（第4條）",
    ),
    "reading.after": (
        "{by:dated_by} {year}, after the VCLT entered into force",
        "{by:dated_by}{year}年，在《條約法公約》生效之後",
    ),
    "reading.after_for": (
        "{by:dated_by} {year}, after the VCLT entered into force for {state:state}",
        "{by:dated_by}{year}年，在《條約法公約》對{state:state}生效之後",
    ),
    "reading.open": (
        "{by:dated_by} {year}; whether that is before the VCLT entered into force is open",
        "{by:dated_by}{year}年；是否早於《條約法公約》生效無法判定",
    ),
    "reading.open_for": (
        "{by:dated_by} {year}; whether that is before the VCLT entered into force for {state:state} is open",
        "{by:dated_by}{year}年；是否早於《條約法公約》對{state:state}生效無法判定",
    ),
    # fields of the answer, as heads of a table
    "column.state": ("state", "國家"),
    "column.body": ("body", "機構"),
    "column.article": ("article", "條號"),
    "column.instrument": ("instrument", "文書"),
    "column.silent": ("silent", "未規定退出"),
    "column.notice": ("notice", "通知期間"),
    "column.effect_rule": ("effect_rule", "生效規則"),
    "column.counts_from": ("counts_from", "起算"),
    "column.notice_established": ("notice_established", "已查證通知"),
    "column.started_on": ("started_on", "起算日"),
    "column.earliest_effective": ("earliest_effective", "最早生效日"),
    "column.reason": ("reason", "理由"),
    "column.branches": ("branches", "未規定退出時的解讀"),
    "column.default_rule": ("default_rule", "未規定退出時的通則"),
    "column.rests_on_treaty": ("rests_on_treaty", "依條約成立"),
    "column.party_to_vclt": ("party_to_vclt", "條約法公約締約國"),
    "column.party_to_vclt_since": ("party_to_vclt_since", "締約起日"),
    "column.vclt_note": ("vclt_note", "締約地位附註"),
    "column.treaty_predates_vclt": ("treaty_predates_vclt", "早於條約法公約"),
    "column.claimed_effective": ("claimed_effective", "主張的生效日"),
    "column.claim_matches_clause": ("claim_matches_clause", "主張符合條款"),
    "column.claim": ("claim", "主張"),
    "column.dues_until": ("dues_until", "退出後的會費"),
    "column.survival": ("survival", "退出後仍有效"),
    "column.conditions": ("conditions", "條件"),
    "column.also_ends": ("also_ends", "同時終止"),
    "column.may_fall_with_it": ("may_fall_with_it", "可能連帶終止"),
    "column.re_entry": ("re_entry", "重返途徑"),
    "column.days_out": ("days_out", "退出至重返天數"),
    "column.basis": ("basis", "依據"),
    "column.verified": ("verified", "已查證"),
    "column.sources": ("sources", "來源"),
    "column.law_sources": ("law_sources", "條約法來源"),
    "tri.yes": ("yes", "是"),
    "tri.no": ("no", "否"),
    "tri.unknown": ("unknown", "不詳"),
}
