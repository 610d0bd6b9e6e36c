"""What a report is made of: plain values, computed elsewhere. A report lays them out and computes no number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exeunt.answers import Message
from exeunt.consequence.revenue import Paid
from exeunt.consequence.summary import KeyFigure


@dataclass(frozen=True)
class _BodyRow:
    """One body of the case on the chosen day."""

    key: str
    number: str
    """Number in the list, such as `a-12`."""
    listed: str
    """`listed_other` or `listed_un`."""
    name_en: str
    name_zh: str | None
    kind: str
    what: str
    """What there is to leave for the state: membership, treaty, participation_only, funding_only, nothing_to_leave."""
    status: str
    since: str | None
    until: str | None
    rule: Message
    contested: bool
    announced: str | None
    notified: str | None
    effective: str | None
    sources: tuple[str, ...]
    acronym: str | None = None
    state: str = ""
    """Code of the state."""
    state_en: str = ""
    state_zh: str = ""
    outcome: str = "announced"
    """How it went, a key of `record.exits.OUTCOMES`."""
    back: str | None = None
    """Day of the return."""
    taken_back: str | None = None
    positions: int = 0
    """Positions and objections of others in the record."""
    confidence: str | None = None
    earlier: Message | None = None
    """The rule of the acts, where later coding has overruled it."""


@dataclass(frozen=True)
class _ActRow:
    """One act as the timeline shows it."""

    row: str
    """Key of the line it stands on: state, body and, on pages of a state or body, the number of the exit."""
    state: str
    body: str | None
    act: str
    date: str
    claimed_by: str
    contested: bool
    note: str | None
    confidence: str | None
    sources: tuple[str, ...]
    start: float
    """Years, as 2024.08 for 29 January 2024: first and last day that the date can mean."""
    end: float
    note_zh: str | None = None


@dataclass(frozen=True)
class _ClockRow:
    """What the rule says of one exit: the earliest lawful effect, dues, what else ends, the way back."""

    state: str
    body: str
    article: str | None
    instrument: str | None
    silent: bool
    notice: str | None
    started_on: str | None
    notice_established: bool
    earliest: str | None
    dues_until: str | None
    also_ends: tuple[str, ...]
    survival: str | None
    re_entry: str | None
    basis: str | None
    says: tuple[Message, ...]
    """The claim held against the rule; empty where nothing is claimed."""
    dues_until_zh: str | None = None
    survival_zh: str | None = None
    re_entry_zh: str | None = None


@dataclass(frozen=True)
class _Score:
    """What one account predicted, against the structure that all share."""

    model: str
    horizon: int
    rows: int
    events: int
    skill: float
    low: float
    high: float
    beats_history: float | None
    """Skill against each member's own record (empirical Bayes); None for that baseline itself."""
    doubts: tuple[Message, ...]


@dataclass(frozen=True)
class _Compared:
    """The rivals compared on equal rows, from the shipped summary of `exeunt compare`."""

    outcome: str
    first_origin: int
    last_origin: int
    scores: tuple[_Score, ...]
    verdicts: tuple[tuple[str, str, tuple[Message, ...]], ...]
    """Explanation, term, and what the outcomes together say of its sign."""
    hits: tuple[tuple[str, int, int, int, float, int], ...]
    """Model, years ahead, listed, hits, hits by chance, exits: lists of a hundred, from the back-test."""
    inside: int
    """Annual totals inside their 95 % band, of `totals`."""
    totals: int
    fingerprint: str
    commands: tuple[str, ...]


Row = dict[str, Any]


@dataclass(frozen=True)
class _Follows:
    """What follows from the exits of a case; rows as the commands `money` and `consequence` give them."""

    figures: tuple[KeyFigure, ...]
    gaps: tuple[Row, ...]
    """body, state, ledger, currency, year, amount, low, high; the largest first"""
    owed: tuple[Row, ...]
    payers: tuple[Row, ...]
    """Of the largest gap: rule, payer, amount, low, high, rise."""
    rates: tuple[Row, ...]
    """definition, years, events, rate, low, high, without_a_fall_rate"""
    areas: tuple[Row, ...]
    covered: Row
    standing: tuple[Row, ...]
    ends: tuple[Row, ...]
    """body, kind, what, states, number"""
    names: tuple[tuple[str, str, str], ...]
    """Code, English and Chinese name of the states named here."""
    things: tuple[tuple[str, str, str | None], ...]
    """Key, English and Chinese name of the bodies that fall too."""


@dataclass(frozen=True)
class _FedBack:
    """Whether leaving feeds on itself, from the shipped summary of `exeunt feedback`."""

    outcomes: tuple[Row, ...]
    """outcome, R, R_influence, R_upper, G_interval (None where no worlds are drawn), p_self_sustaining, …; the first leads"""
    year: int
    years: int
    channels: tuple[Row, ...]
    placebos: tuple[Row, ...]
    """The fitted counts first, then the placebos: placebo, what, further_exits, passed."""
    cut_loop: Row | None
    warnings: tuple[Message, ...]
    fingerprint: str
    command: str


@dataclass(frozen=True)
class _Futures:
    """Every shipped scenario beside the baseline, from the shipped summary of `scripts/scenarios.py`."""

    worlds: int
    years: int
    seed: int
    first_year: int
    rows: tuple[Row, ...]
    """scenario, exits_total {median, low, high}, exits, joins, memberships (differences over all years: mean, mean_low,
    mean_high, low, high; None for the baseline), missing (bodies that a scenario names and no world holds)"""
    fingerprint: str
    command: str


@dataclass(frozen=True)
class _Argued:
    """An argument on the case put to the test, from the shipped summary of `exeunt argue`; one answer a language."""

    answers: dict[str, Row]
    """Language → argument, title, tally, claims, links, says."""
    labels: dict[str, dict[str, str]]
    """Language → variable → the words for it."""
    fingerprint: str
    command: str


NO_DIFFERENCE = 0.005
"""A factor this close to 1, with an interval this narrow, says that the state is like the median member."""


@dataclass(frozen=True)
class _Factor:
    """By how much one explanation moves the hazard against the median member of the same body and year."""

    explanation: str
    factor: float
    low: float
    high: float
    """Bounds of the 95 % interval."""

    @property
    def no_difference(self) -> bool:
        """Whether the state does not differ from the median member here."""
        return self.high - self.low < NO_DIFFERENCE and abs(self.factor - 1) < NO_DIFFERENCE


@dataclass(frozen=True)
class _BodyHazard:
    """The hazard of the case's state in one covered body."""

    key: str
    """Body; where the case has several states, the state too, as `BFA:ecowas`."""
    year: int
    hazard_per_year: float
    hazard_low: float
    hazard_high: float
    typical_hazard_per_year: float
    factors: tuple[_Factor, ...]
    oldest_covariate_years: int
    """Age in years of the oldest last-observed covariate used here; 0 if none was carried."""


@dataclass(frozen=True)
class _TermEstimate:
    """One coefficient, a log rate ratio per unit of its term."""

    term: str
    explanation: str
    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class _Why:
    """The explanations, for the bodies that the model covers."""

    outcome: str
    first_year: int
    last_year: int
    rows: int
    events: int
    rows_dropped: tuple[tuple[Message, int], ...]
    """Reason → rows that fell out."""
    criterion: str
    fit_status: str
    claims: tuple[tuple[str, str], ...]
    """Explanation → its falsifiable sentence, in English."""
    terms: tuple[_TermEstimate, ...]
    standard_deviations: tuple[tuple[str, float], ...]
    """Effect (state, body, year) → standard deviation on the log rate scale."""
    calibration: tuple[tuple[str, float, float, float], ...]
    """Check → observed, predicted low, predicted high."""
    covered: tuple[_BodyHazard, ...]
    not_covered: tuple[tuple[str, str], ...]
    """Body key → reason: nothing_to_leave, participation_only, funding_only, not_in_coded_data, no_membership_rows."""
    summary: tuple[_Factor, ...]
    """Median over the covered bodies."""


@dataclass(frozen=True)
class _YearBand:
    """A count in one year over many worlds, 95 % band; for a past year low = median = high = the observed count."""

    year: int
    median: float
    low: float
    high: float
    observed: bool


@dataclass(frozen=True)
class _Next:
    """What the simulation says."""

    worlds: int
    years: int
    seed: int
    start_year: int
    """Year of the membership that every world starts from."""
    exits: tuple[_YearBand, ...]
    """Observed years first, then simulated ones."""
    joins: tuple[_YearBand, ...]
    total_exits: tuple[float, float, float]
    """Low, median, high over the simulated years together."""
    total_joins: tuple[float, float, float]
    cells: int
    """Memberships at the start."""
    cells_carried_forward: int
    join_training: tuple[float, float]
    """Expected and observed joins in the training years."""
    refused: str | None = None
    """Why nothing was simulated, where the fit may not feed a simulation."""


@dataclass(frozen=True)
class _SourceRow:
    """One source card as the report prints it."""

    key: str
    title: str
    producer: str
    version: str
    licence: str
    licence_class: str
    citation: str
    url: str


@dataclass(frozen=True)
class _ReportData:
    """Everything a report shows."""

    case: str
    title_en: str
    title_zh: str
    state: str
    state_name_en: str
    state_name_zh: str
    case_day: str
    listed_un: int
    listed_other: int
    note: str | None
    case_sources: tuple[str, ...]
    as_of: str
    closing_day: str
    beyond_record: bool
    record_version: str
    code_version: str
    seed: int
    bodies: tuple[_BodyRow, ...]
    why: _Why
    next: _Next
    sources: tuple[_SourceRow, ...]
    kind: str = "case"
    note_zh: str | None = None
    """`case`, `span`, `state` or `body`, as in `record.cases.Case`."""
    states: tuple[tuple[str, str, str], ...] = ()
    """Code, English and Chinese name of every state of the case."""
    span: tuple[str, str | None] = ("", None)
    names: tuple[tuple[str, str, str | None], ...] = ()
    """Key of a covered or uncovered pair, its English and its Chinese name."""
    acts: tuple[_ActRow, ...] = ()
    clocks: tuple[_ClockRow, ...] = ()
    compared: _Compared | None = None
    follows: _Follows | None = None
    fed_back: _FedBack | None = None
    futures: _Futures | None = None
    paid: Paid | None = None
    """On a page of a state or a body: what the ledgers hold."""
    called: tuple[tuple[str, str, str | None], ...] = ()
    """State or body that `paid` names, its English and its Chinese name."""
    argued: _Argued | None = None
    arguments: tuple[_Argued, ...] = ()
    """Every shipped argument, the one about this case among them."""
