"""Scenarios: small TOML files that say what is done to a world, read strictly and laid out as a plan of the engine.

Keys: `title`, `about`, `cut` (terms whose coefficient is set to 0), and lists of tables

- `leave`: `case`, or `state` with `bodies`; `year`; `return` (a year), if it comes back
- `bar`: `state` or "*", `bodies` (default all), `first_year`, `last_year`: exits drawn in these years do not happen
- `delay`: `state` or "*", `years`: exits come so much later
- `follow`: `leader`, `followers`, `chance`: a year later they leave, with this chance, what the leader left
- `reform`: `body` or `area` (an issue area), `first_year`, `last_year` (default: the last), `distance_factor`: distance
  counts so many times in decisions to leave
- `club`: `year`, `founders`, `name`: a new body
- `override`: `kind` (exit, join), `term` (or state_year, body_year for the variance of bundles), `value` or `factor`
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from exeunt.answers import Message, Value
from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.explain.fit import Fit
from exeunt.record.cases import case
from exeunt.record.identity import cow_of, state_codes
from exeunt.record.store import Record
from exeunt.simulate.engine import Plan, no_plan
from exeunt.simulate.posterior_draws import Override, _known_terms
from exeunt.simulate.start import Start

SHIPPED: Final = Path(__file__).parent / "scenarios"
LEAVEABLE: Final = ("membership", "treaty")
BUNDLES: Final = ("state_year", "body_year")
ANY: Final = "*"
SCHEMA: Final[dict[str, dict[str, type | tuple[type, ...]]]] = {
    "": {"title": str, "about": str, "cut": list, "leave": list, "bar": list, "delay": list, "follow": list,
         "reform": list, "club": list, "override": list},
    "leave": {"case": str, "state": str, "bodies": list, "year": int, "return": int},
    "bar": {"state": str, "bodies": list, "first_year": int, "last_year": int},
    "delay": {"state": str, "years": int},
    "follow": {"leader": str, "followers": list, "chance": (int, float)},
    "reform": {"body": str, "area": str, "first_year": int, "last_year": int, "distance_factor": (int, float)},
    "club": {"year": int, "founders": list, "name": str},
    "override": {"kind": str, "term": str, "value": (int, float), "factor": (int, float)},
}  # fmt: skip
REQUIRED: Final = {
    "": ("title", "about"), "leave": ("year",), "bar": ("state", "first_year", "last_year"), "delay": ("state", "years"),
    "follow": ("leader", "followers", "chance"), "reform": ("first_year", "distance_factor"),
    "club": ("year", "founders", "name"), "override": ("kind", "term"),
}  # fmt: skip


@dataclass(frozen=True)
class _Scenario:
    """A scenario laid out over a start: what happens, how the laws change, and what it could not do."""

    name: str
    title: str
    about: str
    text: str
    plan: Plan
    changes: tuple[Override, ...] = ()
    not_done: tuple[Message, ...] = field(default=())
    clubs: tuple[str, ...] = ()
    """Names of the new bodies of the plan, in its order."""

    @property
    def is_baseline(self) -> bool:
        """Whether it leaves the law alone."""
        p = self.plan
        moved = self.changes or len(p.leave) or len(p.rejoin) or p.barred.any() or p.delay.any() or len(p.follow)
        return not (moved or len(p.club_step) or (p.reform != 1.0).any())


def shipped() -> tuple[str, ...]:
    """Names of the scenarios that come with the package."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def read(name: str) -> tuple[str, str, dict[str, Any]]:
    """Name, text and checked content of a shipped scenario or a file.

    Raises
    ------
    UnknownNameError, for a name that is neither; UsageError, for what the schema does not allow.
    """
    path = Path(name) if name.endswith(".toml") else SHIPPED / f"{name}.toml"
    if not path.is_file():
        if name.endswith(".toml"):
            raise UsageError(
                f"there is no scenario file {name}; name one that exists, or one of {', '.join(shipped())}."
            )
        raise UnknownNameError("scenario", name, shipped())
    text = path.read_text(encoding="utf-8")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path.name} is not TOML: {error}.") from None
    _check(path.name, "", content)
    for table in SCHEMA:
        for entry in content.get(table, []) if table else []:
            if not isinstance(entry, dict):
                raise UsageError(f"{path.name}: {table} holds {entry!r}; write it as a table, [[{table}]].")
            _check(path.name, table, entry)
    return path.stem, text, content


def _check(where: str, table: str, found: dict[str, Any]) -> None:
    place = f"[[{table}]]" if table else "the top of the file"
    for key, value in found.items():
        if key not in SCHEMA[table]:
            raise UsageError(f"{where}: {place} has no key {key!r}; expected {', '.join(SCHEMA[table])}.")
        if not isinstance(value, SCHEMA[table][key]) or isinstance(value, bool):
            raise UsageError(f"{where}: {key} of {place} is {value!r}; expected {_word(SCHEMA[table][key])}.")
        if (
            isinstance(value, list)
            and key in ("bodies", "followers", "founders", "cut")
            and not all(isinstance(x, str) for x in value)
        ):
            raise UsageError(f"{where}: {key} of {place} holds what is no text; expected a list of names.")
    missing = [key for key in REQUIRED[table] if key not in found]
    if missing:
        raise UsageError(f"{where}: {place} lacks {', '.join(missing)}; add it.")


def _word(kind: type | tuple[type, ...]) -> str:
    return (
        {str: "a text", list: "a list", int: "a whole number"}.get(kind, "a number")
        if isinstance(kind, type)
        else "a number"
    )


@dataclass(frozen=True)
class _Names:
    """Names of a scenario looked up in the record and the start."""

    record: Record
    start: Start
    where: str

    def state(self, name: str) -> int:
        cow = cow_of(state_codes(self.record.table("states")), self.record.state(name), self.start.year - 1)
        at = np.flatnonzero(self.start.states == (cow if cow is not None else -1))
        if not len(at):
            raise UsageError(f"{self.where}: {name} is no state of the system in {self.start.year - 1}; leave it out.")
        return int(at[0])

    def states(self, name: str) -> list[int]:
        return list(range(len(self.start.states))) if name == ANY else [self.state(name)]

    def body(self, name: str) -> int | None:
        key = self.record.body(name)
        return self.start.bodies.index(key) if key in self.start.bodies else None

    def step(self, year: int, key: str) -> int:
        last = self.start.year + self.start.years - 1
        if year < self.start.year:
            raise UsageError(
                f"{self.where}: {key} = {year}; worlds begin in {self.start.year} (until {last} in this run)."
            )
        return year - self.start.year


def scenario(name: str, record: Record, s: Start, exit_fit: Fit, join_fit: Fit) -> _Scenario:
    """Read a scenario and lay it out over a start; years after the last simulated one have no effect.

    Raises
    ------
    UnknownNameError, UsageError, one sentence each.
    """
    stem, text, content = read(name)
    names = _Names(record, s, f"{stem}.toml")
    plain, not_done = no_plan(s), list[Message]()
    leave, rejoin = _exits(content.get("leave", []), names, not_done)
    barred, delay = plain.barred, plain.delay
    for entry in content.get("bar", []):
        first, last = (names.step(entry[key], key) for key in ("first_year", "last_year"))
        if last < first:
            raise UsageError(
                f"{names.where}: a bar ends before it begins ({entry['first_year']}, {entry['last_year']})."
            )
        bodies = _bodies(entry.get("bodies"), names, not_done)
        for i in names.states(entry["state"]):
            barred[i, bodies] = first, last + 1
    for entry in content.get("delay", []):
        if entry["years"] < 1:
            raise UsageError(f"{names.where}: a delay of {entry['years']} years; expected 1 or more.")
        delay[names.states(entry["state"])] = entry["years"]
    pairs, chances = [], []
    for entry in content.get("follow", []):
        if not 0 <= entry["chance"] <= 1:
            raise UsageError(f"{names.where}: chance = {entry['chance']}; expected a number from 0 to 1.")
        for follower in entry["followers"]:
            pairs.append((names.state(entry["leader"]), names.state(follower)))
            chances.append(float(entry["chance"]))
    changes = _changes(content, {"exit": exit_fit, "join": join_fit}, names.where)
    clubs = _clubs(content.get("club", []), names)
    plan = replace(
        plain, leave=np.array(leave, np.int64).reshape(-1, 3), rejoin=np.array(rejoin, np.int64).reshape(-1, 3),
        barred=barred, delay=delay, follow=np.array(pairs, np.int64).reshape(-1, 2),
        follow_chance=np.array(chances, np.float64), reform=_reforms(content.get("reform", []), names, not_done),
    )  # fmt: skip
    if clubs:
        plan = replace(
            plan, club_step=np.array([step for step, _, _ in clubs], np.int64),
            club_members=np.array([who for _, who, _ in clubs], np.uint8),
        )  # fmt: skip
    told = tuple(name for _, _, name in clubs)
    return _Scenario(stem, content["title"], content["about"], text, plan, changes, tuple(not_done), told)


def _exits(
    entries: list[dict[str, Any]], names: _Names, not_done: list[Message]
) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]:
    leave, rejoin = [], []
    for entry in entries:
        if ("case" in entry) == ("state" in entry):
            raise UsageError(f"{names.where}: [[leave]] needs either case, or state with bodies.")
        step = names.step(entry["year"], "year")
        back = names.step(entry["return"], "return") if "return" in entry else None
        if back is not None and back <= step:
            raise UsageError(f"{names.where}: return = {entry['return']} is not after the exit in {entry['year']}.")
        wanted: list[str] | None
        if "case" in entry:
            chosen = case(names.record, entry["case"])
            state = chosen.states[0]
            wanted = [b for b, what in chosen.bodies.select("body", "what").iter_rows() if what in LEAVEABLE]
        else:
            state, wanted = entry["state"], entry.get("bodies")
        i = names.state(state)
        for j in _bodies(wanted, names, not_done):
            if not names.start.members[i, j]:
                if wanted is not None:
                    values: dict[str, Value | list[str]] = {"state": state, "body": names.start.bodies[j]}
                    not_done.append(Message(code="simulate.not_a_member", values=values))
                continue
            leave.append((step, i, j))
            if back is not None:
                rejoin.append((back, i, j))
    return leave, rejoin


def _reforms(entries: list[dict[str, Any]], names: _Names, not_done: list[Message]) -> NDArray[np.float64]:
    """Factor on distance in decisions to leave, (years, bodies)."""
    if not entries:
        return np.ones((0, 0))
    out = np.ones((names.start.years, len(names.start.bodies)))
    areas = dict(names.record.table("bodies").select("body", "issue_areas").iter_rows())
    for entry in entries:
        if ("body" in entry) == ("area" in entry):
            raise UsageError(f"{names.where}: [[reform]] needs either body or area.")
        if not 0 <= entry["distance_factor"] <= 1:
            raise UsageError(
                f"{names.where}: distance_factor = {entry['distance_factor']}; expected a number from 0 to 1."
            )
        first = names.step(entry["first_year"], "first_year")
        last = names.step(entry["last_year"], "last_year") if "last_year" in entry else names.start.years - 1
        if "last_year" in entry and last < first:
            raise UsageError(
                f"{names.where}: a reform ends before it begins ({entry['first_year']}, {entry['last_year']})."
            )
        if "area" in entry:
            known = {area for text in areas.values() if text for area in text.split()}
            if entry["area"] not in known:
                raise UnknownNameError("issue area", entry["area"], sorted(known))
            here = [j for j, body in enumerate(names.start.bodies) if entry["area"] in (areas.get(body) or "").split()]
        else:
            here = _bodies([entry["body"]], names, not_done)
        out[first : last + 1, here] *= float(entry["distance_factor"])
    return out


def _clubs(entries: list[dict[str, Any]], names: _Names) -> list[tuple[int, NDArray[np.uint8], str]]:
    """Step, founders over states and name of each new body, in order of steps; those after the last year are left out."""
    out = []
    for entry in entries:
        founders = np.zeros(len(names.start.states), np.uint8)
        founders[[names.state(state) for state in entry["founders"]]] = 1
        if founders.sum() < 2:
            raise UsageError(
                f"{names.where}: the club {entry['name']!r} has {founders.sum()} founders; name two or more."
            )
        step = names.step(entry["year"], "year")
        if step < names.start.years:
            out.append((step, founders, entry["name"]))
    if len({name for _, _, name in out}) < len(out):
        raise UsageError(f"{names.where}: two clubs bear one name; give each its own.")
    return sorted(out, key=lambda club: club[0])


def _case_exits(record: Record, s: Start, name: str) -> list[tuple[int, int]]:
    """State and body of the memberships and treaties of a case that are simulated, and held when the worlds open."""
    entry = {"case": name, "year": s.year}
    leave, _ = _exits([entry], _Names(record, s, name), [])
    return [(i, j) for _, i, j in leave]


def _bodies(wanted: list[str] | None, names: _Names, not_done: list[Message]) -> list[int]:
    if wanted is None:
        return list(range(len(names.start.bodies)))
    places = {name: names.body(name) for name in wanted}
    absent = [name for name, at in places.items() if at is None]
    if absent:
        not_done.append(Message(code="simulate.not_simulated", values={"bodies": absent}))
    return [at for at in places.values() if at is not None]


def _changes(content: dict[str, Any], fits: dict[str, Fit], where: str) -> tuple[Override, ...]:
    out = []
    for term in content.get("cut", []):
        kinds = [kind for kind, fit in fits.items() if term in _known_terms(fit)]
        if not kinds:
            raise UnknownNameError("term", term, [n for fit in fits.values() for n in _known_terms(fit)])
        out += [Override(kind, term, 0.0) for kind in kinds]
    for entry in content.get("override", []):
        if entry["kind"] not in fits:
            raise UsageError(f"{where}: kind = {entry['kind']!r}; expected exit or join.")
        if entry["term"] not in (*_known_terms(fits[entry["kind"]]), *BUNDLES):
            raise UnknownNameError("term", entry["term"], (*_known_terms(fits[entry["kind"]]), *BUNDLES))
        if ("value" in entry) == ("factor" in entry):
            raise UsageError(f"{where}: the override of {entry['term']} needs either value or factor.")
        number = float(entry.get("value", entry.get("factor", 0.0)))
        if entry["term"] in BUNDLES and number < 0:
            raise UsageError(f"{where}: {entry['term']} = {number:g}; a variance is 0 or more.")
        out.append(Override(entry["kind"], entry["term"], entry.get("value"), entry.get("factor")))
    return tuple(out)
