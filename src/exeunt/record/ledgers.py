"""Six ledgers, never mixed: what was assessed, given, requested, appropriated, paid and owed.

Rows come out as they stand in the record: nothing is converted, and nothing is summed across ledgers. A row whose
`ledger` is None is a total or a mixture; it is no entry of any of the six. Rates stand apart, with `basis` "rate".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import polars as pl

from exeunt.answers import Answer, Message, fields, item
from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.record.cases import case as find_case
from exeunt.record.schema import LEDGERS
from exeunt.record.store import Record

Row = dict[str, Any]

UN_BUDGETS: Final = ("un_regular_budget", "un_peacekeeping", "un_tribunals")
"""The budgets to which a member of the United Nations is assessed; `un` means all of them."""
PAID_BY_REGULAR_BUDGET: Final = ("un_secretariat_unit", "un_principal_or_subsidiary_organ")
"""Kinds of bodies inside the United Nations without dues of their own; the Court is one more."""
ARTICLE_19: Final = "Charter of the United Nations, Article 19; https://www.un.org/en/about-us/un-charter/chapter-4"
Ledger = Literal["assessed", "voluntary", "requested", "appropriated", "paid", "owed"]


class Figure(Answer, frozen=True, kw_only=True):
    """One figure of a ledger, as `money` gives it."""

    body: Annotated[str, item("body, key of table bodies")]
    state: Annotated[str | None, item("state, key of table states; empty for all donors together")]
    year: Annotated[int | None, item("calendar year")]
    fund: Annotated[str | None, item("fund or kind of money")]
    ledger: Annotated[Ledger | None, item("which of the six ledgers; empty for a total or a mixture")]
    amount: Annotated[float | None, item("amount; empty for a rate", "currency")]
    currency: Annotated[str | None, item("currency, ISO 4217")]
    usd: Annotated[float | None, item("the amount where it is in US dollars", "US dollars")]
    basis: Annotated[
        Literal["assessed", "accrual", "cash", "balance", "rate"] | None,
        item("basis of the figure; empty for a budget"),
    ]
    source: Annotated[str, item("key of the source card")]
    rate_pct: Annotated[float | None, item("rate of assessment", "per cent")]
    period: Annotated[str | None, item("period as the source has it")]
    as_of: Annotated[str | None, item("day on which the figure held, EDTF level 1")]
    id: Annotated[str, item("key of the row in table ledger")]
    record: Annotated[str | None, item("kind of record")]
    confidence: Annotated[str | None, item("confidence")]
    flag: Annotated[str | None, item("flags, separated by semicolons")]
    note: Annotated[str | None, item("note")]
    sources: Annotated[tuple[str, ...], item("addresses")]


COLUMNS: Final = tuple(field.name for field in fields(Figure))


def money(record: Record, target: str, state: str | None = None, year: int | None = None) -> list[Row]:
    """Every figure on a body, or on the bodies of a case, one row an amount.

    Parameters
    ----------
    target : a case, or a body; `un` means the budgets to which its members are assessed
    state : only this state (a case without one: the states of the case; a body: all states, and all donors together)
    year : only this calendar year

    Returns
    -------
    Rows {body, state, year, fund, ledger, amount, currency, usd, basis, source, rate_pct, …} by body, year, ledger and
    state. `state` is None for all donors together; `ledger` is None for what is in none of the six. A rate has `basis`
    "rate", no amount, and a row for every year of its period. A year that the sources lack has no row.

    Raises
    ------
    UnknownNameError, with the closest bodies and cases.
    """
    bodies, states = _targets(record, target, state)
    frame = record.table("ledger").filter(pl.col("body").is_in(bodies))
    if states is not None:
        frame = frame.filter(pl.col("state").is_in(states))
    if year is not None:
        frame = frame.filter((pl.col("first_year") <= year) & (pl.col("last_year") >= year))
    place, rank = {body: n for n, body in enumerate(bodies)}, {word: n for n, word in enumerate(LEDGERS)}
    rows = []
    for found in frame.iter_rows(named=True):
        years: Sequence[int | None] = [found["year"]]
        if found["year"] is None and found["basis"] == "rate":
            years = range(found["first_year"], found["last_year"] + 1) if year is None else [year]
        for one in years:
            row = {**found, "year": one, "sources": (found["sources"] or "").split()}
            rows.append({name: row[name] for name in COLUMNS})
    rows.sort(
        key=lambda r: (place[r["body"]], r["year"] or 0, rank.get(r["ledger"], len(rank)), r["state"] or "", r["id"])
    )
    return rows


def _targets(record: Record, target: str, state: str | None) -> tuple[list[str], list[str] | None]:
    """Bodies of a target and states asked for; None for all."""
    code = record.state(state) if state is not None else None
    known = record.table("cases")["case"].to_list()
    if target in known:
        chosen = find_case(record, target)
        return chosen.bodies["body"].to_list(), [code] if code else list(chosen.states)
    try:
        body = record.body(target)
    except UnknownNameError:
        table = record.table("bodies")
        names = [v for c in ("body", "name_en", "name_zh", "acronym") for v in table[c].drop_nulls().to_list()]
        raise UnknownNameError("body or case", target, [*known, *names]) from None
    return [body, *(UN_BUDGETS if body == "un" else ())], [code] if code else None


def notes(record: Record, target: str) -> list[Message]:
    """What a reader must know about where the money of a body, or of the bodies of a case, comes from."""
    inside, between = carried_by(record, _targets(record, target, None)[0])
    told = (("money.inside_un", inside), ("money.between_bodies", between))
    return [Message(code=code, values={"bodies": bodies}) for code, bodies in told if bodies]


def carried_by(record: Record, bodies: Sequence[str]) -> tuple[list[str], list[str]]:
    """Of some bodies, those that the regular budget of the United Nations carries, and those that other bodies carry."""
    table = {r["body"]: r for r in record.table("bodies").iter_rows(named=True)}
    inside, between = [], []
    for body in bodies:
        row = table[body]
        if not _part_of_un(body, table):
            continue
        if row["kind"] in PAID_BY_REGULAR_BUDGET or body == "icj":
            inside.append(body)
        elif row["kind"] == "interagency_mechanism":
            between.append(body)
    return inside, between


def _part_of_un(body: str, table: dict[str, Row]) -> bool:
    seen: set[str] = set()
    parent = table[body]["parent"]
    while parent is not None and parent not in seen:
        if parent == "un":
            return True
        seen.add(parent)
        parent = table[parent]["parent"] if parent in table else None
    return False


def share(record: Record, body: str, state: str, year: int) -> list[Row]:
    """Part of a state in what all donors were assessed or gave, by ledger and fund, where the record holds both.

    Returns
    -------
    Rows {body, state, year, ledger, fund, basis, part, total, share_pct}; a ledger with rivals, or with a part or a
    total only, has none. `fund` "all" is revenue of every kind and in none of the six ledgers.
    """
    code = record.state(state)
    found: dict[tuple[Any, ...], dict[bool, list[Row]]] = {}
    for row in money(record, body, None, year):
        if row["amount"] is None or row["basis"] is None or row["state"] not in (code, None):
            continue
        key = tuple(row[k] for k in ("body", "ledger", "fund", "basis", "currency"))
        found.setdefault(key, {}).setdefault(row["state"] is None, []).append(row)
    rows = []
    for (named, word, fund, basis, _), sides in found.items():
        parts, totals = sides.get(False, []), sides.get(True, [])
        if len(parts) != 1 or len(totals) != 1 or totals[0]["amount"] <= 0:
            continue
        part, total = parts[0]["amount"], totals[0]["amount"]
        rows.append({
            "body": named, "state": code, "year": year, "ledger": word, "fund": fund, "basis": basis, "part": part,
            "total": total, "share_pct": 100 * part / total,
        })  # fmt: skip
    return rows


# --- Article 19 ------------------------------------------------------------------------------------------------------


class _Article19(Answer, frozen=True, kw_only=True):
    """Whether a member of the United Nations has lost its vote in the General Assembly for arrears."""

    state: Annotated[str, item("state, key of table states")]
    year: Annotated[int, item("year of the vote")]
    vote: Annotated[Literal["lost", "kept", "not_determined"], item("what became of the vote")]
    because: Annotated[tuple[Message, ...], item("why")]
    years: Annotated[tuple[int, int], item("the two full years before")]
    assessed: Annotated[
        tuple[float | None, float | None], item("contributions due for each, all budgets", "US dollars")
    ]
    due: Annotated[float | None, item("contributions due for both", "US dollars")]
    arrears: Annotated[float | None, item("in arrears, all budgets", "US dollars")]
    pay_more_than: Annotated[float | None, item("what must be exceeded to get the vote back", "US dollars")]
    entered: Annotated[tuple[Literal["assessed", "arrears"], ...], item("what the user entered")]
    lacking: Annotated[tuple[Message, ...], item("what keeps the record from answering")]
    known: Annotated[tuple[dict[str, Any], ...], item("the figures that the record holds, whole or not")]
    reference: Annotated[str, item("the rule")] = ARTICLE_19


def article19(
    record: Record, state: str, year: int, assessed: Sequence[float] | None = None, arrears: float | None = None
) -> _Article19:
    """Apply Article 19 of the Charter of the United Nations to what the record holds, or to what the user enters.

    Parameters
    ----------
    year : of the vote; the two full years before it count
    assessed, arrears : all budgets of the United Nations together, in US dollars; None takes what the record holds

    Returns
    -------
    Article19, with `vote` "not_determined" and the reasons where a figure is missing; nothing is filled in.

    Raises
    ------
    UsageError, if there are not two years, or a figure is negative or not a number; UnknownNameError.
    """
    code = record.state(state)
    years = (year - 2, year - 1)
    held, owed, rows, lacking = _known(record, code, year)
    given: tuple[tuple[_Entry, object], ...] = (("assessed", assessed), ("arrears", arrears))
    entered = tuple(name for name, value in given if value is not None)
    both = held if assessed is None else tuple(assessed)
    owing = owed if arrears is None else arrears
    vote, because, due, more = _ruled(both, owing)
    lacking = tuple(one for one in lacking if one.values["what"] not in entered)
    if vote == "not_determined":
        because = (Message(code="article19.not_determined"), *lacking, Message(code="article19.enter"))
    return _Article19(
        state=code, year=year, vote=vote, because=because, years=years, assessed=(both[0], both[1]), due=due, arrears=owing,
        pay_more_than=more, entered=entered, lacking=lacking, known=rows,
    )  # fmt: skip


_Entry = Literal["assessed", "arrears"]
Vote = Literal["lost", "kept", "not_determined"]


def _ruled(
    years: Sequence[float | None], arrears: float | None
) -> tuple[Vote, tuple[Message, ...], float | None, float | None]:
    """What the article says of two years' contributions and arrears: the vote, why, what was due, what must be exceeded.

    "A Member of the United Nations which is in arrears in the payment of its financial contributions to the
    Organization shall have no vote in the General Assembly if the amount of its arrears equals or exceeds the amount of
    the contributions due from it for the preceding two full years. The General Assembly may, nevertheless, permit such
    a Member to vote if it is satisfied that the failure to pay is due to conditions beyond the control of the Member."
    """
    if len(years) != 2:
        raise UsageError(f"Article 19 looks at two full years; {len(years)} assessments were given.")
    for figure in (*years, arrears):
        if figure is not None and (not math.isfinite(figure) or figure < 0):
            raise UsageError(f"{figure} is not an amount of money due; give numbers from 0 up.")
    first, second = years
    due = None if first is None or second is None else first + second
    if arrears == 0:
        return "kept", (Message(code="article19.nothing"),), due, None
    if due is None or arrears is None:
        return "not_determined", (Message(code="article19.not_determined"),), due, None
    values: dict[str, Any] = {"arrears": arrears, "due": due}
    if arrears >= due:
        because = (Message(code="article19.lost", values=values), Message(code="article19.may_permit"))
        return "lost", because, due, arrears - due
    return "kept", (Message(code="article19.kept", values=values),), due, None


def _known(
    record: Record, state: str, year: int
) -> tuple[tuple[float | None, float | None], float | None, tuple[Row, ...], tuple[Message, ...]]:
    """What the record holds towards Article 19: contributions due for two years, arrears, the figures, what is lacking."""
    years = (year - 2, year - 1)
    table = record.table("ledger").filter((pl.col("state") == state) & pl.col("body").is_in(UN_BUDGETS))
    assessed = table.filter((pl.col("basis") == "assessed") & pl.col("year").is_in(years))
    owed = table.filter((pl.col("ledger") == "owed") & (pl.col("year") == year))
    lacking: list[Message] = []

    def whole(frame: pl.DataFrame, what: str, of: int) -> float | None:
        counts = {body: frame.filter(pl.col("body") == body) for body in UN_BUDGETS}
        none = [body for body, rows in counts.items() if not rows.height]
        rival = [b for b, f in counts.items() if f.height > 1 or "rival_values" in ";".join(f["flag"].drop_nulls())]
        for code, bodies in (("article19.lacks", none), ("article19.disagree", rival)):
            if bodies:
                lacking.append(Message(code=code, values={"what": what, "year": of, "bodies": bodies}))
        return None if none or rival else float(frame["amount"].sum())

    first, second = (whole(assessed.filter(pl.col("year") == y), "assessed", y) for y in years)
    arrears = whole(owed, "arrears", year)
    columns = ["body", "year", "ledger", "basis", "amount", "currency", "as_of", "flag", "note", "sources"]
    rows = pl.concat([assessed, owed]).sort("ledger", "body", "year", "id").select(columns).to_dicts()
    return (
        (first, second),
        arrears,
        tuple({**row, "sources": (row["sources"] or "").split()} for row in rows),
        tuple(lacking),
    )
