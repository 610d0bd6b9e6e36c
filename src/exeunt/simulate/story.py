"""One world replayed: who leaves and joins what, which bodies end and begin, year by year."""

from __future__ import annotations

from typing import Any, Final

from exeunt.record.identity import code_in_year
from exeunt.record.store import Record
from exeunt.simulate.counted import END, EXIT, FOUND, FOUNDING, JOIN
from exeunt.simulate.ensemble import player_of
from exeunt.simulate.scenario import Scenario
from exeunt.simulate.setting import Setting

WORDS: Final = {EXIT: "leaves", JOIN: "joins", END: "ends", FOUND: "begins", FOUNDING: "founds"}
FOUNDINGS: Final = (FOUND, FOUNDING)


def story(record: Record, setting: Setting, told: Scenario, world: int) -> list[dict[str, Any]]:
    """Events of one world, in their order.

    Returns
    -------
    [{year, what, state, body, by}]; `what` is leaves, joins, ends, begins or founds; `by` is scenario where the scenario says
    so, else law; a body that the record does not know is called new-1, new-2, ….
    """
    s = setting.start
    forced = {(EXIT, *row) for row in setting.plan.leave.tolist()} | {
        (JOIN, *row) for row in setting.plan.rejoin.tolist()
    }
    codes: dict[int, str] = {}
    rows = []
    events = player_of(setting).events(world).tolist()
    clubs = _clubs(setting, told, events)
    for step, kind, state, body in events:
        if state >= 0 and state not in codes:
            codes[state] = code_in_year(record.codes, int(s.states[state]), s.year - 1) or str(s.states[state])
        rows.append(
            {"year": s.year + step, "what": WORDS[kind], "state": codes.get(state),
             "body": s.bodies[body] if body < len(s.bodies) else clubs.get(body, f"new-{body - len(s.bodies) + 1}"),
             "by": "scenario" if (kind, step, state, body) in forced or (kind in FOUNDINGS and body in clubs) else "law"}
        )  # fmt: skip
    return rows


def _clubs(setting: Setting, told: Scenario, events: list[list[int]]) -> dict[int, str]:
    """Names of the new bodies that the scenario founds, by their number: those with its founders in its year."""
    founders: dict[tuple[int, int], set[int]] = {}
    for step, kind, state, body in events:
        if kind == FOUNDING:
            founders.setdefault((step, body), set()).add(state)
    out: dict[int, str] = {}
    for number, name in enumerate(told.clubs):
        step, wanted = int(setting.plan.club_step[number]), set(setting.plan.club_members[number].nonzero()[0].tolist())
        for (at, body), found in founders.items():
            if at == step and found == wanted and body not in out:
                out[body] = name
                break
    return out


def text(rows: list[dict[str, Any]]) -> str:
    """The events as lines to read: a line a year with totals, then who leaves and joins what."""
    lines: list[str] = []
    for year in dict.fromkeys(row["year"] for row in rows):
        here = [row for row in rows if row["year"] == year]
        count = {what: sum(row["what"] == what for row in here) for what in WORDS.values()}
        lines.append(
            f"{year}: {count['leaves']} exits, {count['joins']} joins"
            + (f", {count['ends']} bodies end" if count["ends"] else "")
            + (f", {count['begins']} begin" if count["begins"] else "")
        )
        for what in ("ends", "begins"):
            lines += [f"  {row['body']} {what}" for row in here if row["what"] == what]
        for what in ("founds", "leaves", "joins"):
            states = dict.fromkeys(row["state"] for row in here if row["what"] == what)
            for state in states:
                bodies = [
                    row["body"] + (" (scenario)" if row["by"] == "scenario" else "")
                    for row in here if row["what"] == what and row["state"] == state
                ]  # fmt: skip
                lines.append(f"  {state} {what} {', '.join(bodies)}")
    return "\n".join(lines) + "\n"
