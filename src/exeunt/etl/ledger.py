"""Staged figures of money → rows of the ledger, put together with the curated ones of `curated_money.py`.

Where a source repeats a curated figure to the dollar (or the last digit of a rate), there is one row, under the
curated id, and the source vouches for it. Where the two differ, both stay and are marked `rival_values`.
A figure that mixes assessed and voluntary money stands in none of the six ledgers. A year that a source lacks has no row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import polars as pl

from exeunt.core.errors import CompileError
from exeunt.etl.csv_reader import _conform
from exeunt.etl.curated_money import (
    REDEFINED,
    REDEFINED_NOTE,
    REGULAR,
    Row,
    _curated_rows,
    _in_dollars,
    _joined_flags,
    _joined_notes,
    _ledger_row,
)
from exeunt.record.schema import TABLE
from exeunt.record.store import POLARS_TYPES

Say = Callable[[str], None]

HONOUR_ROLL_DIFFERS: Final = {("TKM", 2022), ("MYS", 2026)}
"""Assessments that the honour roll gives a little differently; see the card of un_regular_budget."""

SUMS_OFF: Final = {1946, 1955, 1957, 1973, 2003}
"""Last years of the periods in which the published rates do not add up to 100; see the card of un_scale."""
NOT_A_RATE: Final = {"-", "NA", "b/"}
"""Cells of the scale that hold no rate: not assessed, missing, a footnote (Egypt and Syria as one state, 1959–61)."""

BODY_OF_ENTITY: Final = {
    "CTBTO": "ctbto", "FAO": "fao", "IAEA": "iaea", "IARC": "iarc", "ICAO": "icao", "ICC": "icc", "IFAD": "ifad",
    "ILO": "ilo", "IMO": "imo", "IOM": "iom", "IRMCT": "irmct", "ISA": "isa_seabed", "ITC": "itc_trade", "ITU": "itu",
    "OPCW": "opcw", "PAHO": "paho", "UN": "un_secretariat", "UN Tourism": "un_tourism", "UN Women": "un_women",
    "UN-DPO": "un_peacekeeping", "UN-Habitat": "un_habitat", "UNAIDS": "unaids", "UNCCD": "unccd", "UNCDF": "uncdf",
    "UNDP": "undp", "UNEP": "unep", "UNESCO": "unesco", "UNFCCC": "unfccc", "UNFPA": "unfpa", "UNHCR": "unhcr",
    "UNICEF": "unicef", "UNIDO": "unido", "UNITAR": "unitar", "UNODC": "unodc", "UNOPS": "unops", "UNRWA": "unrwa",
    "UNSSC": "unssc", "UNU": "unu", "UPU": "upu", "WFP": "wfp", "WHO": "who", "WIPO": "wipo", "WMO": "wmo", "WTO": "wto",
}  # fmt: skip
UNMAPPED_ENTITIES: Final = {
    "ITLOS": "the record holds the convention (unclos), not the tribunal",
    "UNICRI": "not a body of the record",
    "UNITAID": "not a body of the record",
    "UNV": "not a body of the record; run by UNDP",
}
"""Entities of un_ceb that are left out, with the reason."""

LEDGER_OF_TYPE: Final[dict[str, tuple[str | None, str | None, str]]] = {
    "Assessed": ("assessed", None, "assessed"),
    "Voluntary un-earmarked": ("voluntary", "core", "core"),
    "Voluntary earmarked": ("voluntary", "earmarked", "earmarked"),
    "Other": (None, "other", "other"),
}
"""Revenue type of un_ceb → ledger, fund, end of the id. Revenue is accrual: none of it is `paid`."""

STATE_OF_NAME: Final = {
    "bolivia (plurinational state of)": "BOL", "bolivia, plurinational state of": "BOL", "brunei darussalam": "BRN",
    "czech republic": "CZE", "côte d'ivoire": "CIV", "germany, federal republic of": "DEU", "democratic yemen": "YMD",
    "iran (islamic republic of)": "IRN", "iran, islamic republic of": "IRN", "micronesia, federated states of": "FSM",
    "republic of moldova": "MDA", "syrian arab republic": "SYR", "taiwan (province of china)": "TWN",
    "taiwan, province of china": "TWN", "türkiye": "TUR", "united arab republic": "EGY",
    "united kingdom of great britain and northern ireland": "GBR", "united republic of tanzania": "TZA",
    "venezuela (bolivarian republic of)": "VEN", "venezuela, bolivarian republic of": "VEN",
}  # fmt: skip
"""Names that the sources use and the record does not, lower case. Codes follow the lists, without a view on status."""
NAME_IN_TIME: Final = {"serbia": (("YUG", 2002), ("SCG", 2005)), "yemen": (("YAR", 1989),)}
"""Names that go on under another code: (code, last year in which a period under it may begin)."""
OLD_NAMES: Final = {
    "belarus": ("Byelorussian Soviet Socialist Republic", 1991), "ukraine": ("Ukrainian Soviet Socialist Republic", 1991),
    "germany, federal republic of": ("Federal Republic of Germany", 1991),
    "united arab republic": ("United Arab Republic: Egypt and Syria together", 1961),
}  # fmt: skip
NO_STATE: Final = "no state of the record bears the name"

UN_DATA: Final = "https://github.com/united-nations/open/tree/af72496b0ffb8aabcc2b82d743111453cc662be5/public/data"
CEB: Final = "https://unsceb.org/financial-statistics"
SCALE: Final = (
    "https://github.com/tierravivaai/cali-fund-allocation-model/blob/9ee7ec874fdbd2921977d831c6a24904ee9a4809/"
    "data-raw/UNGA_scale_of_assessment.csv https://www.un.org/en/ga/contributions/scale.shtml"
)


def _ledger(sheet: pl.DataFrame, staged: Mapping[str, pl.DataFrame], states: pl.DataFrame, say: Say) -> pl.DataFrame:
    """The whole ledger.

    Parameters
    ----------
    sheet : ledger.csv
    staged : the staged tables `un_scale`, `un_regular_budget` and `un_ceb`
    states : the compiled table of states, for the names
    say : called with a line that counts what was left out

    Raises
    ------
    CompileError, if a source holds a word, a name or an entity that nobody has judged.
    """
    find = _names_of(states)
    held = _curated_rows(sheet)
    held = _merge(held, _scale_rows(staged["un_scale"], find), "rate_pct")
    held = _merge(held, _regular_budget_rows(staged["un_regular_budget"], find), "amount")
    revenue = _revenue_rows(staged["un_ceb"], find, say)
    frame = pl.DataFrame(
        _vouched(held, revenue), schema={c.name: POLARS_TYPES[c.kind] for c in TABLE["ledger"].columns}, orient="row"
    )
    return _conform(pl.concat([frame, revenue], how="diagonal_relaxed"), TABLE["ledger"])


def _names_of(states: pl.DataFrame) -> Callable[[str, int], str | None]:
    """A finder of state codes: name as written by a source, first year of the figure → code, or None."""
    names: dict[str, str] = {
        str(name).lower(): str(code) for code, name in states.select("state", "name_en").iter_rows()
    }
    names |= {name: code for name, code in STATE_OF_NAME.items() if code in set(names.values())}

    def find(name: str, first_year: int) -> str | None:
        plain = _plain_name(name)
        for code, last in NAME_IN_TIME.get(plain, ()):
            if first_year <= last:
                return code
        return names.get(plain)

    return find


def _plain_name(name: str) -> str:
    """A name without its history, footnote marks and doubled spaces, lower case."""
    return re.sub(r"\s+", " ", re.sub(r"\s*\(formerly.*\)|\s[a-z]/", "", name)).strip().lower()


# --- from the sources -----------------------------------------------------------------------------------------------


def _scale_rows(frame: pl.DataFrame, find: Callable[[str, int], str | None]) -> list[Row]:
    """Rates of the UN scale, a row a state and period; a period ends in the year that the source names it by."""
    frame = frame.sort("last_year", "member")
    ends = frame["last_year"].unique().sort().to_list()
    starts = dict(zip(ends, [ends[0], *(end + 1 for end in ends[:-1])], strict=True))
    sums = dict.fromkeys(ends, 0.0)
    for last, cell in frame.select("last_year", "cell").iter_rows():
        if cell not in NOT_A_RATE:
            sums[last] += float(cell)
    rows = []
    for name, last, cell in frame.select("name", "last_year", "cell").iter_rows():
        if cell in NOT_A_RATE:
            continue
        first, total = starts[last], sums[last]
        state = find(name, first)
        if state is None:
            raise CompileError(f"un_scale names {name!r} ({last}): {NO_STATE}; add it to STATE_OF_NAME.")
        old, until = OLD_NAMES.get(_plain_name(name), ("", 0))
        off = f"published rates of all states in this period add up to {total:.4g}" if last in SUMS_OFF else None
        rows.append(
            _ledger_row(
                id=f"scale-{state}-{last}", record="scale_of_assessments", body=REGULAR, state=state,
                fund="regular_budget", ledger="assessed", basis="rate", first_year=first, last_year=last,
                period=str(first) if first == last else f"{first}-{last}", rate_pct=float(cell), confidence="high",
                flag=_joined_flags("state_name_of_the_time" if first <= until else None, "scale_sum_off" if off else None),
                note=_joined_notes(old if first <= until else None, off), source="un_scale", sources=SCALE,
            )
        )  # fmt: skip
    return rows


def _regular_budget_rows(frame: pl.DataFrame, find: Callable[[str, int], str | None]) -> list[Row]:
    """Assessments to the UN regular budget, and a row in `paid` with its day where the assessment was paid in full.

    `not_paid_in_full` does not mean that nothing was paid: partial payments are not in the source, so there is no row.
    """
    rows = []
    for item in frame.iter_rows(named=True):
        year, state = int(item["year"]), find(item["name"], int(item["year"]))
        if state is None:
            raise CompileError(
                f"un_regular_budget names {item['name']!r} ({year}): {NO_STATE}; add it to STATE_OF_NAME."
            )
        if item["status"] not in {"paid_on_time", "paid_late", "not_paid_in_full"}:
            raise CompileError(f"un_regular_budget, {item['name']} {year}: unknown status {item['status']!r}.")
        late = year >= REDEFINED
        base = _in_dollars(
            _ledger_row(
                record="regular_budget_assessment", body=REGULAR, state=state, fund="regular_budget", first_year=year,
                last_year=year, confidence="high", source="un_regular_budget", note=REDEFINED_NOTE if late else None,
                sources=f"{UN_DATA}/regular-budget-contributors-{year}.json {item['document_url']}",
            ),
            item["amount"],
        )  # fmt: skip
        differs = "honour_roll_differs" if (state, year) in HONOUR_ROLL_DIFFERS else None
        flags = (item["status"], "redefined_2025" if late else None, differs)
        assessed = {"id": f"rb-{state}-{year}", "ledger": "assessed", "basis": "assessed",
                    "as_of": item["as_of"], "rate_pct": float(item["rate"])}  # fmt: skip
        rows.append({**base, **assessed, "flag": _joined_flags(*flags)})
        if item["date"]:
            paid = {"id": f"rb-{state}-{year}-paid", "record": "regular_budget_payment", "ledger": "paid",
                    "basis": "cash", "as_of": item["date"],
                    "note": _joined_notes("paid in full: the amount is the assessment", base["note"])}  # fmt: skip
            rows.append({**base, **paid, "flag": _joined_flags(*flags)})
    return rows


def _revenue_rows(frame: pl.DataFrame, find: Callable[[str, int], str | None], say: Say) -> pl.DataFrame:
    """Revenue that bodies report, a row a state, body, year and type, and a row for all donors of a type together.

    Donors other than governments count in the rows of all donors only; governments without a code are counted by `say`.
    """
    strange = set(frame["entity"]) - set(BODY_OF_ENTITY) - set(UNMAPPED_ENTITIES) | set(frame["type"]) - set(
        LEDGER_OF_TYPE
    )
    if strange:
        raise CompileError(f"un_ceb holds entities or types that nobody has judged: {sorted(strange)[:5]}.")
    frame = frame.filter(pl.col("entity").is_in(list(BODY_OF_ENTITY))).with_columns(
        pl.col("entity").replace_strict(BODY_OF_ENTITY, return_dtype=pl.String).alias("body")
    )
    given = frame.filter(pl.col("donor").is_not_null())
    codes = {name: find(name, 2013) for name in given["donor"].unique()}
    given = given.with_columns(pl.col("donor").replace_strict(codes, return_dtype=pl.String).alias("state"))
    lost = frame.filter(pl.col("donor").is_in([name for name, code in codes.items() if code is None]))
    say(
        f"ledger: {lost['donor'].n_unique()} governments in un_ceb have no state code ({lost.height} rows left out); "
        f"{len(UNMAPPED_ENTITIES)} entities are not a body of the record"
    )
    columns = ("body", "year", "type", "state", "usd", "note")
    one = given.filter(pl.col("state").is_not_null()).with_columns(pl.lit(None, pl.String).alias("note"))
    total = frame.filter(pl.col("donor").is_null()).with_columns(
        pl.lit(None, pl.String).alias("state"), pl.lit("all donors, added up by us").alias("note")
    )
    word, fund, end = (
        pl.col("type").replace_strict({k: v[n] for k, v in LEDGER_OF_TYPE.items()}, return_dtype=pl.String)
        for n in range(3)
    )
    year = pl.col("year").cast(pl.Int64)
    return pl.concat([one.select(columns), total.select(columns)]).select(
        pl.concat_str(
            pl.lit("ceb"), "body", pl.col("state").fill_null("all"), year.cast(pl.String), end, separator="-"
        ).alias("id"),
        pl.lit("entity_revenue").alias("record"), "body", "state", fund.alias("fund"), word.alias("ledger"),
        year.alias("year"), year.alias("first_year"), year.alias("last_year"), pl.col("usd").alias("amount"),
        pl.lit("USD").alias("currency"), pl.col("usd"), pl.lit("accrual").alias("basis"),
        pl.lit("high").alias("confidence"), pl.when(pl.col("usd") < 0).then(pl.lit("negative_value")).alias("flag"),
        "note", pl.lit("un_ceb").alias("source"),
        pl.concat_str(pl.lit(f"{UN_DATA}/donors-"), year.cast(pl.String), pl.lit(f".json {CEB}")).alias("sources"),
    )  # fmt: skip


# --- together --------------------------------------------------------------------------------------------------------


def _merge(held: list[Row], raw: Iterable[Row], value: str) -> list[Row]:
    """Curated rows, then the raw ones that say something else: one row an amount, and rivals both kept and marked."""

    def key(row: Row) -> tuple[Any, ...]:
        return tuple(row[k] for k in ("body", "state", "ledger", "basis", "first_year", "last_year"))

    known = {key(row): row for row in held if row[value] is not None}
    fresh = []
    for row in raw:
        other = known.get(key(row))
        if other is not None and other[value] == row[value]:
            other["source"] = row["source"]
            continue
        if other is not None:
            for rival in (other, row):
                rival["flag"] = _joined_flags(rival["flag"], "rival_values")
        fresh.append(row)
    return held + fresh


def _vouched(held: list[Row], revenue: pl.DataFrame) -> list[Row]:
    """Curated totals of revenue, vouched for by un_ceb where its rows add up to them, else marked."""
    cents = revenue.with_columns((pl.col("usd") * 100).round().cast(pl.Int64).alias("cents"))
    sums = cents.group_by("body", "state", "year").agg(pl.col("cents").sum())
    total = {(b, s, y): c / 100 for b, s, y, c in sums.iter_rows()}
    for row in held:
        if row["record"] != "entity_revenue":
            continue
        if abs(total.get((row["body"], row["state"], row["year"]), 0.0) - row["amount"]) <= 1:
            row["source"] = "un_ceb"
        else:
            row["flag"] = _joined_flags(row["flag"], "rival_values")
    return held
