"""Memberships after the coded source, held against assessed dues and, for joins only, against printed rosters.

Dues prove a fact and not its date: corrections and small sums follow an exit for one to three years, so a membership is
contradicted only by a lasting fall of more than nine tenths, and is then `unknown`, never `not_member`. A roster that drops a
state proves nothing (most exits are missing from it); one that lists a state in edition after edition shows a join, a year or
more late.

Data: UN System Chief Executives Board, assessed contributions by donor and body, 2013–2024; World Factbook, editions 1990–2025.
"""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import Any, Final

import polars as pl

from exeunt.etl.coded import _Coded
from exeunt.record.identity import StateCode, cow_of
from exeunt.record.schema import LAST_CODED_YEAR

START: Final = LAST_CODED_YEAR + 1
STANDING_SHARE: Final = 0.1
"""Dues at or below this share of the state's usual dues are a trailing correction, not the dues of a member."""
REPORTED_SHARE: Final = 0.5
"""A body has reported a year if at least this share of its usual number of payers appears in it."""
LOW_YEARS: Final = 2
STANDING_YEARS: Final = 3
MANY_LOW_YEARS: Final = 5
EDITIONS: Final = 3
"""A join is taken from a roster listed in so many editions on end, to the last, and in none of the same number before."""
FIRST_EDITION: Final = 2016
"""New listings of the edition of 2015 are not used: a good twenty appear at once, several of states that are no members."""

PAYS_AS_MEMBER: Final = {"un_secretariat": "un"}
"""Bodies of the ledger whose dues are those of another body's members."""
OTHERS_PAY_TOO: Final = {"wto", "un_tourism", "paho"}
"""Observers, associates or participating states pay there as well: dues alone show no join."""

ROSTER_LABELS: Final = {
    "ABEDA": "abeda", "ACS": "acs", "ADB": "asdb", "AMU": "amu", "APEC": "apec", "Arctic Council": "articc",
    "BSEC": "bsec", "C": "commonwealth", "CBSS": "cbss", "CDB": "cdb", "CE": "coe", "CEMAC": "cemac", "CICA": "cica",
    "CPLP": "cpsc", "Caricom": "caricom", "D-8": "d8", "EADB": "eadb", "EBRD": "ebrd", "ECO": "eco", "ESA": "esa",
    "Entente": "entente", "G-15": "g15", "G-24": "g24", "ICCt": "icc", "IDB": "isdb", "InOC": "iocom",
    "Interpol": "interpol", "LAES": "sela", "LAIA": "laia", "Mercosur": "mercosur", "NC": "nordc", "NIB": "nib",
    "OECS": "oecs", "OPANAL": "opanal", "SAARC": "saarc", "SACU": "sacu", "SICA": "sica", "Union Latina": "latin",
    "WAEMU": "uemoa", "Wassenaar Arrangement": "wassen",
}  # fmt: skip
"""Labels of the roster that are no acronym of the record, with the body that each means."""

Spells = list[dict[str, Any]]
Pair = tuple[int, str]


ROSTER_NAMES: Final = {
    "bahamas, the": "bahamas", "burma (myanmar)": "myanmar", "congo, democratic republic of the":
    "democratic republic of the congo", "congo, republic of the": "congo", "gambia, the": "gambia", "korea, north":
    "north korea", "korea, south": "south korea", "united states": "united states of america",
}  # fmt: skip
"""Names of states that the roster writes otherwise than the record or Correlates of War, lower case."""


def _dues_by_pair(ledger: pl.DataFrame, codes: list[StateCode]) -> dict[Pair, dict[int, float]]:
    """Assessed dues in US dollars by (COW number, body) and year, corrections netted."""
    own: dict[str, list[StateCode]] = defaultdict(list)
    for code in codes:
        own[code.state].append(code)
    dues: dict[Pair, dict[int, float]] = defaultdict(dict)
    rows = ledger.filter(
        (pl.col("record") == "entity_revenue") & (pl.col("ledger") == "assessed") & pl.col("state").is_not_null()
    )
    for state, body, year, amount in rows.select("state", "body", "year", "amount").iter_rows():
        cow = cow_of(own[state], state, year)
        if cow is not None and amount is not None:
            key = (cow, PAYS_AS_MEMBER.get(body, body))
            dues[key][year] = dues[key].get(year, 0.0) + amount
    return dict(dues)


def _reported_years(dues: dict[Pair, dict[int, float]]) -> dict[str, list[int]]:
    """Years that each body has reported: those in which at least half its usual number of states pays."""
    payers: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (_, body), years in dues.items():
        for year, amount in years.items():
            payers[body][year] += amount > 0
    return {
        body: sorted(y for y, n in years.items() if n >= REPORTED_SHARE * max(years.values()))
        for body, years in payers.items()
    }


def _standing_years(years: dict[int, float]) -> list[int]:
    """Years whose dues are those of a member: above a tenth of the median of what was due so far."""
    positive = sorted(y for y, amount in years.items() if amount > 0)
    return [y for y in positive if years[y] > STANDING_SHARE * median(years[z] for z in positive if z <= y)]


def _contradicted_from(standing: list[int], reported: list[int]) -> int | None:
    """First year from which dues contradict a membership to the end of the data; None where they don't.

    At least two reported years on end must lack dues, after at least three years with them; where fewer years with dues
    are known, five must lack them.
    """
    last = max(standing, default=None)
    low = [y for y in reported if last is None or y > last]
    if len(low) >= (LOW_YEARS if len(standing) >= STANDING_YEARS else MANY_LOW_YEARS):
        return max(START, low[0])
    return None


def _roster_joins(frame: pl.DataFrame, bodies: pl.DataFrame, states: pl.DataFrame) -> dict[Pair, int]:
    """First edition of the World Factbook that lists a state as a full member, where it lists it ever since.

    Parameters
    ----------
    frame : the staged table `cia_factbook`

    Returns
    -------
    (COW number, body) → year of the edition, for joins after the coded source only.
    """
    alive = bodies.filter((pl.col("coded_to") == LAST_CODED_YEAR) & pl.col("acronym").is_not_null())
    labels = dict(alive.select("acronym", "body").iter_rows()) | ROSTER_LABELS
    today = states.filter(pl.col("valid_to").is_null() & pl.col("cow").is_not_null())
    numbers = {
        str(n).lower(): int(cow)
        for c in ("name_cow", "name_en")
        for n, cow in today.select(c, "cow").drop_nulls().iter_rows()
    }
    frame = frame.filter(pl.col("org").is_in(list(labels)))
    editions: dict[Pair, set[int]] = defaultdict(set)
    for name, label, start, end in frame.select("state", "org", "first_year", "last_year").iter_rows():
        cow = numbers.get(ROSTER_NAMES.get(str(name).lower(), str(name).lower()))
        if cow is not None:
            editions[cow, labels[label]].update(range(start, end + 1))
    newest = int(frame["last_year"].max())  # type: ignore[arg-type]
    found: dict[Pair, int] = {}
    for pair, years in editions.items():
        first = newest
        while first - 1 in years:
            first -= 1
        earlier = {y for y in years if y < first}
        if (
            newest in years
            and FIRST_EDITION <= first <= newest - EDITIONS + 1
            and not earlier & set(range(first - EDITIONS, first))
        ):
            found[pair] = first
    return found


def _at_source_end(coded: _Coded, body_of: dict[str, str]) -> set[Pair]:
    """Pairs of a state in the system and a body alive in the last coded year."""
    states = [int(c) for c, y in zip(coded.cow, coded.year, strict=True) if y == LAST_CODED_YEAR]
    alive = coded.body_years.filter(pl.col("year") == LAST_CODED_YEAR)["cow_igo"]
    bodies = [body_of[column] for column in alive if column in body_of]
    return {(cow, body) for cow in states for body in bodies}


def _hold_against(
    spells: pl.DataFrame,
    dues: dict[Pair, dict[int, float]],
    rosters: dict[Pair, int],
    at_source_end: set[Pair],
    settled: set[Pair],
) -> pl.DataFrame:
    """Give the spells after the coded source the reading that dues and rosters allow.

    Parameters
    ----------
    spells : coded and carried spells: cow, body, status, first_year, last_year, …
    dues : assessed dues by (COW number, body) and year
    rosters : first edition that lists a join
    at_source_end : pairs of a state in the system and a body alive in the last coded year
    settled : pairs whose membership after the source an act begins or ends; neither dues nor rosters overrule one

    Returns
    -------
    Spells of the same columns. Carried years with standing dues become `dues`; from a lasting fall on the status is
    `unknown`, by `dues`; joins without an act are begun by `dues` or by `roster`. A membership that was paid for before
    the source ended and is not in it begins in the first year after it, with the precision `start_unknown`.
    """
    reported = _reported_years(dues)
    rows: Spells = []
    inside: set[Pair] = set()
    for row in spells.iter_rows(named=True):
        pair = (row["cow"], row["body"])
        if row["last_year"] is None or row["last_year"] >= LAST_CODED_YEAR:
            if row["status"] != "not_member":
                inside.add(pair)
        if row["reading"] != "carried_forward" or row["status"] != "member" or row["body"] not in reported:
            rows.append(row)
            continue
        rows += _confirm(row, dues.get(pair, {}), reported[row["body"]], pair in settled)
    for pair in sorted(at_source_end - inside - settled):
        begun = _begin(pair, dues.get(pair, {}), reported.get(pair[1], []), rosters.get(pair))
        if begun:
            rows += begun
    return pl.DataFrame(rows, schema=spells.schema, orient="row")


def _confirm(row: dict[str, Any], years: dict[int, float], reported: list[int], settled: bool) -> Spells:
    """Cut a carried spell into years with standing dues, years carried and years contradicted."""
    standing = _standing_years(years)
    doubted = None if settled else _contradicted_from(standing, reported)
    last_known = max(reported, default=START)
    end = row["last_year"]
    pieces: Spells = []
    for year in range(row["first_year"], (end if end is not None else max(last_known, row["first_year"]) + 1) + 1):
        if doubted is not None and year >= doubted:
            status, reading = "unknown", "dues"
        else:
            status, reading = row["status"], "dues" if year in standing else "carried_forward"
        if pieces and (pieces[-1]["status"], pieces[-1]["reading"]) == (status, reading):
            pieces[-1]["last_year"] = year
        else:
            source = "un_ceb" if reading == "dues" else row["source"]
            pieces.append(
                {**row, "status": status, "reading": reading, "source": source, "first_year": year, "last_year": year}
            )
    pieces[-1]["last_year"] = end
    return pieces


def _begin(pair: Pair, years: dict[int, float], reported: list[int], edition: int | None) -> Spells:
    """Spells of a membership that no act begins and the coded source does not have."""
    base = {
        "cow": pair[0],
        "body": pair[1],
        "status": "member",
        "correction": None,
        "upstream": None,
        "precision": "year",
    }
    standing = _standing_years(years)
    recent = reported[-LOW_YEARS:]
    paid = (
        len(recent) == LOW_YEARS
        and set(recent) <= set(standing)
        and (pair[1] not in OTHERS_PAY_TOO or edition is not None)
    )
    if paid:
        first = min(standing)
        known = first > max(reported[0], LAST_CODED_YEAR)
        row = {
            **base,
            "first_year": max(first, START),
            "last_year": None,
            "reading": "carried_forward",
            "source": "un_ceb",
        }
        row["precision"] = "year" if known else "start_unknown"
        return _confirm(row, years, reported, settled=True)
    if edition is not None:
        return [{**base, "first_year": edition, "last_year": None, "reading": "roster", "source": "cia_factbook"}]
    return []
