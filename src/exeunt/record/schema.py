"""The tables of the record: columns, units, closed word lists. Everything else reads them from here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from exeunt.answers import Field

CLOSING_DAY: Final = date(2026, 11, 23)
"""The last day on which the record was brought up to date."""

LAST_CODED_YEAR: Final = 2014
"""Last year of the coded memberships; later ones are carried forward, begun and ended by acts."""

ACTS: Final[dict[str, str]] = {
    "joined": "became a member",
    "acceded": "deposited an instrument of accession",
    "ratified": "deposited an instrument of ratification",
    "signed": "signed without yet being bound",
    "listed_as_founder": "was named as a founder by the body or its host",
    "admission_approved": "admission was approved by an organ",
    "invited": "was invited to join",
    "invitation_withdrawn": "an invitation was taken back",
    "declined": "declined to join, or denied having joined",
    "declaration_made": "made a declaration that the instrument provides for",
    "held_office": "held an office in the body",
    "partner": "became a partner without membership",
    "entered_into_force": "the instrument entered into force for the state",
    "threatened": "said that it might leave",
    "review_ordered": "ordered a review of its memberships",
    "voted_against": "voted against the body or its purpose",
    "announced": "said that it leaves or will leave",
    "notified": "gave formal notice",
    "notice_rescinded": "took its notice back",
    "halted": "the procedure of leaving was stopped at home",
    "law_repealed": "the law that ordered leaving was repealed",
    "effective": "the exit took effect",
    "effective_claimed": "someone says that the exit took effect",
    "effective_by_clause": "the day on which the exit is due by its clause if nothing intervenes",
    "accepted": "the body accepted the exit",
    "organ_position": "an organ took a position, or took none",
    "objected": "someone objected to the exit",
    "suspended": "rights were suspended",
    "expelled": "membership was ended by the body",
    "signature_withdrawn": "a signature was withdrawn",
    "ratification_withdrawn": "a ratification was withdrawn; the signature stands",
    "participation_ended": "stopped taking part where there is no membership to end",
    "funding_stopped": "stopped paying",
    "funding_resumed": "paid again",
    "vote_lost": "lost the vote for unpaid dues",
    "rejoined": "came back",
    "body_ended": "the body came to an end",
    "state_ended": "the state came to an end",
}

MEMBERSHIP_ENDS: Final = frozenset({"effective", "expelled"})
MEMBERSHIP_BEGINS: Final = frozenset({"joined", "acceded", "rejoined", "entered_into_force"})
"""Acts that end a membership where they count as an exit, and acts that begin one."""

STATUSES: Final[dict[str, str]] = {
    "member": "full member or party",
    "associate": "associate member",
    "observer": "observer",
    "signatory_not_party": "has signed and is not bound",
    "member_announced_only": "member; leaving has been announced, no notice is established",
    "member_notice_running": "member; notice has been given and has not run out",
    "left_claimed_disputed": "the state says that it has left; this is disputed",
    "not_member": "not a member on that day; whether it ever was one is told apart where a list is complete",
    "suspended": "member whose rights are suspended",
    "never_member": "not yet a member by a dated act or a list, or never one by a complete list",
    "no_membership": "there is nothing to belong to",
    "unknown": "the record cannot tell",
    "outside_span": "the state or the body did not exist on that day",
}

LABELS: Final[dict[str, str]] = {
    "common": "the common short name",
    "un": "as United Nations documents write it",
    "own": "as its own authorities write it",
    "wto": "as the World Trade Organization writes it",
}
"""Sets of labels for contested names; the user picks one, and it is said which."""

LEAVEABLE: Final[dict[str, str]] = {
    "membership": "a membership that can be ended",
    "treaty": "a treaty that can be denounced",
    "participation_only": "taking part, without a membership",
    "funding_only": "paying, without a membership",
    "nothing_to_leave": "nothing: an office, a court or an inter-agency mechanism",
}

OUTSIDE_FOREVER: Final = frozenset({"participation_only", "funding_only", "nothing_to_leave"})
"""What there is to leave where there is no membership."""

READINGS: Final[dict[str, str]] = {
    "observed": "coded by the source in that year",
    "act": "begun or ended by a dated act",
    "dues": "read off assessed dues",
    "roster": "listed by the World Factbook, for joins only",
    "listed": "named on a list of parties",
    "carried_forward": "the last coded status, carried forward past the end of the source",
}

PARTY_RANKS: Final[dict[str, str]] = {
    "depositary": "read in the depositary's list",
    "official": "read in a list of the body or of a government",
    "encyclopedia": "read in an encyclopedia",
    "dataset": "read in a dataset of treaties",
}
"""Ranks of the sources of lists of parties."""

SOURCE_RANKS: Final[dict[str, str]] = {
    "depositary": "a page of the depositary of a treaty",
    "official": "a page of the body, a government, a parliament or a court",
    "agency_or_press": "a news agency or a newspaper of record",
    "encyclopedia": "an encyclopedia",
    "dataset": "a published dataset",
    "other": "another page: a scholar, a law firm, a society",
    "weak": "a copy, a private page or one that nobody answers for",
}
"""Ranks of addresses, the best first."""

PARTY_KINDS: Final[dict[str, str]] = {
    "joined": "became a member or party",
    "rejoined": "came back",
    "succeeded": "took the place of a predecessor",
    "signed": "signed without yet being bound",
    "suspended": "its rights were suspended",
}

PARTY_ENDS: Final[dict[str, str]] = {
    "left": "left",
    "expelled": "membership was ended by the body",
    "reinstated": "the suspension ended",
}

CERTAINTIES: Final[dict[str, str]] = {
    "day": "settled for that day by dated evidence",
    "year": "known to the year only, so not for each day of it",
    "carried_forward": "the last known status, past the day or year that its source speaks for",
    "unknown": "not known",
}

EVIDENCE: Final[dict[str, str]] = {
    "act": "a dated act of the record",
    "depositary": PARTY_RANKS["depositary"],
    "official": PARTY_RANKS["official"],
    "encyclopedia": PARTY_RANKS["encyclopedia"],
    "dataset": PARTY_RANKS["dataset"],
    "dues": "read off assessed dues",
    "roster": "listed by the World Factbook",
    "coded": "coded by the year",
    "none": "nothing tells, or nothing has to",
}
"""Kinds of evidence, in the order in which they outrank one another."""

VCLT_STANDINGS: Final[dict[str, str]] = {
    "party": "bound since `in_force`",
    "signatory": "signed and not bound on `known_until`",
    "not_party": "neither signed nor bound on `known_until`",
    "unknown": "whether it is bound was not read",
}

LEDGERS: Final[dict[str, str]] = {
    "assessed": "dues set by a scale or a decision, or the rate by which they are set",
    "voluntary": "given without being due",
    "requested": "asked for in a budget",
    "appropriated": "granted by a parliament or an assembly",
    "paid": "received in cash",
    "owed": "still unpaid on a day",
}
"""Six ledgers that are never mixed. A total of several belongs to none: its `ledger` is empty."""

BASES: Final[dict[str, str]] = {
    "assessed": "as set in the assessment",
    "accrual": "revenue that a body reports, paid or not",
    "cash": "money received",
    "balance": "what was unpaid on a day",
    "rate": "per cent, no amount",
}

FUNDS: Final[dict[str, str]] = {
    "regular_budget": "UN regular budget",
    "peacekeeping": "UN peacekeeping",
    "tribunals": "UN tribunals",
    "core": "voluntary, for no stated purpose",
    "earmarked": "voluntary, for a stated purpose",
    "other": "other revenue, neither assessed nor voluntary",
    "all": "everything together; compare it with its parts, never add it to them",
}

RECORDS: Final = (
    "scale_of_assessments", "us_assessment", "regular_budget_assessment", "regular_budget_payment", "entity_revenue",
    "us_arrears", "us_share", "us_total", "system_total", "budget",
)  # fmt: skip

REGIONS: Final = ("Africa", "Americas", "Asia", "Europe", "Oceania")
"""Macro regions of the United Nations M49 geoscheme."""

CONTESTED: Final = ("no", "yes")
CLAIMANTS: Final = ("state", "organization", "depositary", "clause", "not_stated")
CONFIDENCE: Final = ("high", "medium", "low")
CODED_STATUS: Final[dict[int, str]] = {1: "member", 2: "associate", 3: "observer", -9: "unknown"}
EFFECT_RULES: Final = (
    "after_receipt", "after_notification", "on_receipt", "fixed_day", "end_of_calendar_year",
    "end_of_next_calendar_year", "end_of_fiscal_year", "end_of_fiscal_year_by_cutoff", "end_of_next_fiscal_year",
    "start_of_next_calendar_year", "first_of_month_after", "negotiated", "none", "unknown",
)  # fmt: skip


if TYPE_CHECKING:
    ActWord: TypeAlias = str
    ClaimantWord: TypeAlias = str
    StatusWord: TypeAlias = str
    LeaveableWord: TypeAlias = str
    ReadingWord: TypeAlias = str
    ConfidenceWord: TypeAlias = str
    PartyRank: TypeAlias = str
    SourceRank: TypeAlias = str
    CertaintyWord: TypeAlias = str
    EvidenceWord: TypeAlias = str
else:  # the closed lists of above, as types of the fields of answers
    ActWord = Literal[tuple(ACTS)]
    ClaimantWord = Literal[CLAIMANTS]
    StatusWord = Literal[tuple(STATUSES)]
    LeaveableWord = Literal[tuple(LEAVEABLE)]
    ReadingWord = Literal[tuple(READINGS)]
    ConfidenceWord = Literal[CONFIDENCE]
    PartyRank = Literal[tuple(PARTY_RANKS)]
    SourceRank = Literal[tuple(SOURCE_RANKS)]
    CertaintyWord = Literal[tuple(CERTAINTIES)]
    EvidenceWord = Literal[tuple(EVIDENCE)]


Column: TypeAlias = Field
"""One column: its name, its type (text, integer, number, boolean), what it means, and its closed words."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the record: what one row is, its key, its columns, its licence class."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    licence_class: str = "ship"


def _text(name: str, meaning: str, words: Iterable[str] = (), required: bool = False) -> Column:
    return Column(name, "text", meaning, tuple(words), required=required)


def _integer(name: str, meaning: str) -> Column:
    return Column(name, "integer", meaning)


def _number(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning)


def _zh(name: str) -> Column:
    """The same text in Traditional Chinese, beside the English one; empty where nobody has written it yet."""
    return _text(f"{name}_zh", f"`{name}` in Traditional Chinese; empty where not written yet")


_STATE = _text("state", "state code: ISO 3166-1 alpha-3, 3166-3 or a fixed code", required=True)
_BODY = _text("body", "body key", required=True)
_SOURCES = _text("sources", "addresses, parted by spaces")
_CONFIDENCE = _text("confidence", "how sure the statement as a whole is", CONFIDENCE)

_SERIES = (
    _text("state", "state code on 31 December of the year", required=True),
    _integer("cow", "Correlates of War state number"),
    _integer("year", "calendar year"),
    _text("measure", "name of the measure, see the codebook", required=True),
    _number("value", "the measured value, in the unit of the measure"),
    _number("low", "lower bound: 5 % quantile where the source gives one"),
    _number("high", "upper bound: 95 % quantile where the source gives one"),
    _text("source", "key of the source card", required=True),
    _text("reading", "how the value was come by", ("observed", "last_observed", "projected"), True),
)
_SERIES_KEY = ("cow", "year", "measure")

TABLES: Final[tuple[Table, ...]] = (
    Table("states", "a state under one code over a span", ("state", "valid_from"), (
        _STATE,
        _text("name_en", "English name", required=True),
        _text("name_zh", "name in Traditional Chinese"),
        _integer("cow", "Correlates of War state number"),
        _text("cow_abb", "Correlates of War abbreviation; not an ISO code"),
        _integer("gw", "Gleditsch-Ward number"),
        _integer("m49", "United Nations M49 number"),
        _text("valid_from", "first day in the state system under this code"),
        _text("valid_to", "last day, empty while it lasts"),
        _text("successor", "codes of the successors, parted by spaces"),
        _text("name_cow", "name in the Correlates of War list"),
        _text("code_status", "whose code it is", ("iso3166_1", "iso3166_3", "user_assigned", "not_iso", "fixed")),
        _text("region", "macro region of the UN M49 geoscheme; a vanished state stands where its successors do", REGIONS),
    )),
    Table("labels", "what a set of labels calls a state whose name is contested", ("labels", "state"), (
        _text("labels", "set of labels; `common` is the table of states and has no row", tuple(LABELS), True),
        _STATE, _text("name_en", "English name", required=True), _text("name_zh", "name in Traditional Chinese", required=True),
        _text("note", "whose wording it is"), _SOURCES,
    )),
    Table("bodies", "an organization, treaty, organ or forum", ("body",), (
        _BODY,
        _text("name_en", "English name", required=True),
        _text("name_zh", "name in Traditional Chinese"),
        _text("name_zh_status", "how well established the Chinese name is", ("official", "customary", "unsure")),
        _text("acronym", "usual acronym; not unique"),
        _text("kind", "what sort of body it is"),
        _text("leaveable", "what there is to leave for a member state", tuple(LEAVEABLE)),
        _text("parent", "key of the body it belongs to"),
        _text("depends_on", "keys of bodies on which membership here depends"),
        _text("issue_areas", "issue areas, parted by spaces"),
        _integer("founded", "year of founding"),
        _integer("ended", "year in which it ended"),
        _text("ended_on", "day on which it ended, EDTF level 1, where a source tells"),
        _text("cow_igo", "column of the body in COW IGO v3"),
        _integer("cow_ionum", "COW IGO number"),
        _integer("coded_from", "first year with a row in COW IGO v3"),
        _integer("coded_to", "last year with a row in COW IGO v3"),
        _text("seat_city", "seat"), _zh("seat_city"),
        _text("seat_country", "state of the seat"),
        _text("note", "remark"),
        _text("flag", "marks of doubt, parted by semicolons"),
    )),
    Table("leaveable", "what a state, or any state (`*`), can leave in a body", ("body", "state"), (
        _BODY, _STATE, _text("what", "what there is to leave", tuple(LEAVEABLE), True),
        _text("status_before", "what the state was before, in the words of the compiler"), _SOURCES,
    )),
    Table("episodes", "one chain of acts by one state towards one body", ("episode",), (
        _text("episode", "key of the episode", required=True), _STATE, _text("body", "body key"),
        _text("kind", "kind of the episode as compiled"),
        _text("direction", "leaving, joining, or an approach that was no accession", ("leaving", "joining", "approach")),
        Column("counts_as_exit", "boolean", "whether the chain is an exit; empty where disputed or unsettled"),
        Column("historic_state", "boolean", "whether the state no longer exists"),
        _text("body_type", "type of body as compiled"), _text("body_name", "name of the body as compiled"),
        _text("reason", "reason given by the state"), _text("year_kind", "wording of the year in the seed list"),
        _integer("last_dues_year", "last year with assessed dues"), _text("due_date", "day on which the exit is due"),
        _text("origin", "file or list it came from"), _text("date_basis", "how the dates are known"),
        _CONFIDENCE, _text("flag", "marks of doubt"), _text("note", "remark"), _zh("note"), _SOURCES,
    )),
    Table("acts", "one claimed act", ("act_id",), (
        _text("act_id", "key of the act", required=True), _text("episode", "key of the episode", required=True),
        _STATE, _text("body", "body key"), _text("act", "what was done", tuple(ACTS), True),
        _text("date", "date of the act, EDTF level 1", required=True),
        _text("takes_effect", "date from which the act says it works, EDTF level 1"),
        _text("claimed_by", "who says so", CLAIMANTS, True),
        _text("contested", "whether somebody disputes it", CONTESTED, True),
        _text("date_basis", "how the date is known"),
        Column("counts_as_exit", "boolean", "whether this act ends a membership; empty where unsettled"),
        _text("recorded", "day on which it became known to this record", required=True),
        _text("reason", "reason given"), _text("clause", "clause named"), _CONFIDENCE,
        _text("flag", "marks of doubt"), _text("note", "remark"), _zh("note"), _SOURCES,
    )),
    Table("clauses", "a rule for leaving and coming back", ("id",), (
        _text("id", "key", required=True), _BODY, _text("instrument", "name of the instrument"),
        _text("article", "article"), Column("silent", "boolean", "the instrument has no exit clause"),
        _text("default_rule", "rule that fills the silence"), _zh("default_rule"),
        _text("min_membership", "membership before notice is allowed, ISO 8601 duration"),
        _text("min_membership_counts_from", "where that time starts"),
        _text("notice_period", "ISO 8601 duration"),
        _text("effect_rule", "how the day of effect follows from the notice", EFFECT_RULES),
        _text("counts_from", "where the notice starts"), _zh("counts_from"),
        _text("notice_addressed_to", "addressee"), _zh("notice_addressed_to"),
        Column("later_date_allowed", "boolean", "whether the notice may name a later day"),
        Column("reasons_required", "boolean", "whether reasons must be given"),
        _text("conditions", "conditions"), _zh("conditions"), _text("dues_tail", "dues after leaving"), _zh("dues_tail"),
        _text("survival", "what stays binding"), _zh("survival"), _text("also_ends", "keys of bodies that end too"),
        _text("reentry_rule", "the way back"), _zh("reentry_rule"),
        _text("basis", "how the rule is known", ("clause_text", "secondary", "instrument_located", "general_knowledge")),
        _CONFIDENCE, _text("flag", "marks of doubt"), _text("note", "remark"), _SOURCES,
    )),
    Table("vclt_parties", "where a state, or any other state (`*`), stands to the Vienna Convention on the Law of Treaties",
          ("state",), (
        _STATE, _text("standing", "bound, signed only, neither, or not read", tuple(VCLT_STANDINGS), True),
        _text("deposited", "day of the deposit, EDTF level 1"),
        _text("in_force", "day of entry into force for the state, EDTF level 1; `../Y`: not later than year Y"),
        _text("known_until", "of a state that is not bound: day or month of the last reading"),
        _text("basis", "how it is known; computed: the thirtieth day after the deposit",
              ("official_gazette", "gazette_year", "computed", "secondary")),
        _text("note", "remark"), _zh("note"), _SOURCES,
    )),
    Table("published_counts", "a number of withdrawals that a study published", ("study", "unit", "key"), (
        _text("study", "key of the study", required=True), _text("unit", "what was counted", ("state", "body"), True),
        _text("key", "state code or body key", required=True), _text("name", "name as published"),
        _integer("count", "number of withdrawals"), _integer("first_year", "first year covered"),
        _integer("last_year", "last year covered"), _text("source", "key of the source card", required=True), _SOURCES,
    ), "ship_derived"),
    Table("ledger", "an amount, or a rate", ("id",), (
        _text("id", "key", required=True), _text("record", "kind of statement", RECORDS, True), _BODY,
        _text("state", "state code; empty for all donors together"),
        _text("fund", "part of the money, empty where the source tells none", tuple(FUNDS)),
        _text("ledger", "one of six, never summed across; empty: a total or a mixture, in none of them", tuple(LEDGERS)),
        _integer("year", "year of the amount; empty for a period of several years"),
        _integer("first_year", "first year"), _integer("last_year", "last year"),
        _text("period", "period as published"), _text("as_of", "day or month of the figure; in `paid`, of payment"),
        _number("amount", "amount; empty for a rate"), _text("currency", "currency of the amount"),
        _number("usd", "amount in United States dollars"),
        _text("rate_source", "where the rate of exchange is from; empty for dollars"),
        _number("rate_pct", "rate in per cent; on the row of an assessment, the rate behind it"),
        _text("basis", "basis of the figure; empty for a budget", tuple(BASES)), _CONFIDENCE,
        _text("flag", "marks of doubt, parted by semicolons"), _text("note", "remark"),
        _text("source", "key of the source card", required=True), _SOURCES,
    ), "ship_derived"),
    Table("cases", "a batch of acts, the unit of a report", ("case",), (
        _text("case", "key", required=True), _text("title_en", "title"), _text("title_zh", "title in Chinese"),
        _text("states", "state codes, parted by spaces"),
        _text("bodies", "body keys, parted by spaces; empty where case_bodies lists them"),
        _text("valid_from", "first day"), _text("valid_to", "last day"),
        _text("note", "remark"), _zh("note"), _SOURCES,
    )),
    Table("case_bodies", "a body of a case", ("case", "body"), (
        _text("case", "key of the case", required=True), _BODY, _text("id", "number in the list"),
        _text("list", "part of the list", ("listed_other", "listed_un")), _integer("order", "place in its part"),
        _text("name", "name as listed"), _text("legal_form", "legal form"),
        _text("what", "what there is to leave for the state of the case", tuple(LEAVEABLE)),
        _text("status_before", "what the state was before, in the words of the compiler"),
        _text("announced", "day of the announcement"), _text("unsourced_fields", "fields without a source"),
        _integer("members", "number of members"), _integer("members_year", "year of that number"),
        _number("revenue_2024_usd", "revenue 2024, USD"), _number("us_2024_usd", "of which United States, USD"),
        _text("note", "remark"), _text("flag", "marks of doubt"), _CONFIDENCE, _SOURCES,
    )),
    Table("claims", "a claim that somebody published, in our neutral wording", ("id",), (
        _integer("id", "number"), _text("argument", "key of the argument"), _text("neutral_wording", "the claim"),
        _text("kind", "sort of claim", ("fact", "figure", "sequence", "motive", "evaluation", "forecast")),
        _text("testable_by", "what could test it"), _text("verbatim_numbers", "figures as published"),
        _text("status", "earlier assessment, to compare with"), _text("better_figure", "better figure"),
        _text("note", "remark"), _CONFIDENCE, _text("flag", "marks of doubt"), _SOURCES,
    )),
    Table("memberships", "a spell of one status", ("cow", "body", "first_year", "reading"), (
        _STATE, _integer("cow", "Correlates of War state number"), _BODY,
        _text("status", "status in the spell", ("member", "associate", "observer", "unknown", "not_member"), True),
        _integer("first_year", "first year of the spell"),
        _integer("last_year", "last year of the spell; empty while it lasts"),
        _text("precision", "how exact the years are; start_unknown: it began before its first year",
              ("year", "five_year", "start_unknown")),
        _text("reading", "how the spell is known", tuple(READINGS), True),
        _text("source", "key of the source card", required=True),
        _text("correction", "id of the declared correction, if any"),
        _text("upstream", "status as the source has it, where a correction changed it",
              ("member", "associate", "observer", "unknown", "not_member")),
    ), "ship_derived"),
    Table("parties", "a spell of a state on the list of parties of a body", ("body", "state", "kind", "since"), (
        _BODY, _STATE, _text("kind", "how the spell began", tuple(PARTY_KINDS), True),
        _text("since", "day from which it counts, EDTF level 1; `../DAY` where only its latest is known", required=True),
        _text("until", "last day, EDTF level 1; empty while it lasts or where its end is not known"),
        _text("until_kind", "how it ended", tuple(PARTY_ENDS)),
        _text("rank", "rank of the source", tuple(PARTY_RANKS), True),
        _text("source", "key of the source card", required=True), _text("locator", "place within the source"),
        _text("note", "remark"), _text("sources", "address, where the source is a page"),
    ), "ship_derived"),
    Table("party_lists", "what the list of parties of a body claims for itself", ("body",), (
        _BODY, Column("complete", "boolean", "whether it names everybody who ever belonged", required=True),
        _text("until", "last day that it speaks for", required=True),
        _text("rank", "rank of its source", tuple(PARTY_RANKS), True), _text("note", "what it lacks"),
    ), "ship_derived"),
    Table("names", "a name under which a state or a body is looked up", ("kind", "name"), (
        _text("kind", "what it names", ("state", "body"), True), _text("name", "the name as people write it", required=True),
        _text("code", "state code or body key; several make the name ambiguous, none that it stands for nothing here"),
        _text("lang", "language of the name, where it is of one"), _text("source", "key of the source card", required=True),
        _text("note", "why it stands for nothing"),
    )),
    Table("source_ranks", "a host of addresses, or a single page of its own rank", ("address",), (
        _text("address", "host, or host and path where one page ranks apart", required=True),
        _text("rank", "what kind of publisher answers for it", tuple(SOURCE_RANKS), True),
        _text("name", "who publishes there"),
    )),
    Table("system_years", "a state in the international system in a year", ("cow", "year"), (
        _integer("cow", "Correlates of War state number"), _integer("year", "year"), _STATE,
    ), "ship_derived"),
    Table("body_years", "a body alive in a year, by the coded source", ("body", "year"), (
        _BODY, _integer("year", "year"),
    ), "ship_derived"),
    Table("body_measures", "a measure of a body in a year", ("body", "year", "measure"), (
        _BODY, _integer("year", "year"), _text("measure", "name of the measure", required=True),
        _number("value", "value"), _text("source", "key of the source card", required=True),
    ), "ship_derived"),
    Table("coded_steps", "a 1-to-0 step in COW IGO v3, for screening only", ("id",), (
        _text("id", "key", required=True), _STATE, _BODY, _text("cow_igo", "column in the source"),
        _integer("first_year_out", "first coded year out; not the year of exit"),
        _integer("first_year_back", "first coded year back"), _integer("members_before", "members before"),
        _integer("members_after", "members after"), _text("flag", "why it may be no exit"),
    ), "ship_derived"),
    Table("series_ship", "a measure of a state in a year", _SERIES_KEY, _SERIES, "ship"),
    Table("series_ship_derived", "a measure of a state in a year", _SERIES_KEY, _SERIES, "ship_derived"),
    Table("series_share_alike", "a measure of a state in a year", _SERIES_KEY, _SERIES, "share_alike"),
    Table("alliances", "a spell of alliance between two states, each pair once", ("cow_1", "cow_2", "first_year"), (
        _text("state_1", "state code in the first year", required=True),
        _text("state_2", "state code in the first year", required=True),
        _integer("cow_1", "Correlates of War state number, the lower of the two"),
        _integer("cow_2", "Correlates of War state number, the higher of the two"),
        _integer("first_year", "first year, 1945 or later"),
        _integer("last_year", "last year; 2018 is the end of the source, not of the alliance"),
        _text("obligations", "what either owes the other, parted by spaces: defense, offense, neutral, nonagg, consul",
              required=True),
        _text("source", "key of the source card", required=True),
    ), "ship_derived"),
    Table("corrections", "a declared correction", ("id",), (
        _text("id", "key", required=True), _text("source", "source corrected", required=True),
        _text("kind", "what it does", ("cells", "seam")), _text("reason", "why", required=True),
        _text("scope", "what it covers"), _text("reported", "day reported upstream, if it was"), _SOURCES,
    )),
)  # fmt: skip

TABLE: Final[dict[str, Table]] = {table.name: table for table in TABLES}
MEASURES: Final[dict[str, str]] = {
    "ideal_point": "UN General Assembly ideal point (Bailey, Strezhnev and Voeten); no unit",
    "cinc": "Composite Index of National Capability, share of the world, 0 to 1",
    "gdp": "gross domestic product, current United States dollars",
    "population": "population, persons",
    "gdp_share": "share of world gross domestic product, current United States dollars, 0 to 1; 1960–2023",
    "gdp_per_capita": "gross domestic product per head, 2011 international dollars",
    "democracy": "electoral democracy index of V-Dem, 0 to 1",
    "leader_change": "1 where one effective leader followed another in the year, else 0; 1945–2015",
    "populist": "1 where a populist governed in any part of the year, else 0; 28 coded states only, 1945–2020",
    "force_use": "1 where the state itself used force against another state (dispute hostility 4 or 5), else 0; 1945–2014",
    "interstate_conflict": "1 where the state was a side of an armed conflict between states, else 0; 1946–2024",
}
