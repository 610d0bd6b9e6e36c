"""Arguments: what ships is judged, a changed fact changes its verdict, and what the schema forbids is said in one sentence."""

from __future__ import annotations

import copy
import csv
import hashlib
import io
import json
import re
import shlex
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from exeunt import cli
from exeunt.argument import checks, estimates, looks_rooms, models, readings
from exeunt.argument.argument import KINDS, SHIPPED, Argument, of_content, read, shipped
from exeunt.argument.expect import Part, of_interval
from exeunt.argument.models import Reading
from exeunt.argument.scaffold import scaffold
from exeunt.argument.summary import Loop, as_dict, loops
from exeunt.argument.verdict import VERDICTS, Answer, judge, of_parts, of_readings
from exeunt.errors import UnknownNameError, UsageError
from exeunt.explain import attributes, sequence
from exeunt.explain.across import OUTCOMES, Estimate
from exeunt.record.schema import TABLES
from exeunt.record.store import Record
from exeunt.report.argument_map import map_svg, standalone_map
from tiny import FACTS, ROOT

CRITIQUE = "critique-of-batch-2026"
COMMANDS = set(cli.build_parser()._subparsers._group_actions[0].choices)  # type: ignore[union-attr,arg-type]
BESIDE = {"feedback", "simulate", "consequence"} - COMMANDS
"""Commands of rooms that this checkout does not have yet."""
METHOD = (ROOT / "docs" / "method" / "argument.md").read_text(encoding="utf-8")


def reference(name: str) -> Any:
    return json.loads((ROOT / "tests" / "reference" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", autouse=True)
def kept_estimates() -> Any:
    """Estimates as `exeunt compare`, `attributes` and `sequence` found them: minutes of fits that a slow test makes anew."""
    found = reference("comparison")["terms"]

    def kept(record: Record, rivals: Any, *_: Any, **__: Any) -> list[Estimate]:
        (rival,) = rivals
        return [
            Estimate(t["explanation"], t["term"], t["outcome"], 0, 0, t["rows"], t["events"], t["estimate"], t["low"],
                     t["high"], t["expected_sign"], t["status"]) for t in found if t["explanation"] == rival.name
        ]  # fmt: skip

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimates, "across", kept)
        patch.setattr(
            estimates, "equations", lambda *_: [attributes.Measured(**row) for row in reference("arguments_attributes")]
        )
        patch.setattr(
            estimates, "ordered", lambda *_: [sequence.Ordered(**row) for row in reference("arguments_sequence")]
        )
        patch.setattr(estimates, "fed_back", lambda *_: reference("arguments_feedback"))
        rooms = reference("arguments_consequence")
        patch.setattr(looks_rooms, "base_rate", lambda _, years: rooms["base_rate"][str(years)])
        patch.setattr(looks_rooms, "areas_left", lambda _, name: rooms["areas_left"][name])
        patch.setattr(looks_rooms, "gained", lambda _, name: looks_rooms.gain_of(reference("arguments_feedback")[name]))
        patch.setattr(readings, "HERE", ("argument",))
        patch.setattr(looks_rooms, "ROOMS", ("argument",))
        yield


@pytest.fixture(scope="module")
def answers(record: Record) -> dict[str, Answer]:
    return {name: judge(record, read(name)) for name in shipped()}


REAL = {"base_rate": looks_rooms.base_rate, "areas_left": looks_rooms.areas_left, "fed_back": estimates.fed_back}


def content_of(name: str = CRITIQUE) -> dict[str, Any]:
    return tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))


def claims_only(name: str = CRITIQUE) -> dict[str, Any]:
    """The claims of a shipped argument without its links."""
    return {key: value for key, value in content_of(name).items() if key not in ("link", "variable")}


def verdict_of(answer: Answer, claim: str) -> str:
    return next(c.verdict for c in answer.claims if c.claim.id == claim)


def judged(record: Record, content: dict[str, Any]) -> Answer:
    return judge(record, of_content("mine", "mine.toml", content))


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, Callable[[pl.DataFrame], pl.DataFrame]], Record]:
    """A copy of the record with one table changed, its checksum put right."""

    def change(table: str, edit: Callable[[pl.DataFrame], pl.DataFrame]) -> Record:
        folder = Path(shutil.copytree(FACTS, tmp_path / "facts"))
        (path,) = folder.rglob(f"{table}.parquet")
        before = pl.read_parquet(path)
        after = edit(before)
        assert not after.equals(before)
        after.write_parquet(path)
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        entry = manifest["files"][path.relative_to(folder).as_posix()]
        entry["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        return Record(folder)

    return change


# --- what ships ------------------------------------------------------------------------------------------------------


def test_three_arguments_ship_and_are_judged(answers: dict[str, Answer]) -> None:
    assert set(answers) == {CRITIQUE, "case-for-batch-2026", "literature-on-exit"}
    assert sum(c.claim.earlier is not None for c in answers[CRITIQUE].claims) == 47
    for answer in answers.values():
        for claim in answer.claims:
            assert claim.verdict in VERDICTS and claim.sources
        for link in answer.links:
            assert link.verdict in VERDICTS
            assert bool(link.commands) == bool(link.link.tests)


def test_the_tool_cuts_both_ways(answers: dict[str, Answer]) -> None:
    for name in (CRITIQUE, "case-for-batch-2026"):
        words = {c.verdict for c in answers[name].claims}
        assert {"supported", "contradicted", "untestable", "not_found"} <= words
        assert {"supported", "not_supported"} <= {link.verdict for link in answers[name].links}


def test_tallies_are_counted_from_the_rows(answers: dict[str, Answer]) -> None:
    for answer in answers.values():
        found = as_dict(answer)
        for part in ("claims", "links"):
            counted = {word: sum(row["verdict"] == word for row in found[part]) for word in VERDICTS}
            assert found["tally"][part] == counted and sum(counted.values()) == len(found[part])
        total = sum(len(place["claims"]) for key, place in found["summary"].items() if key not in ("loops", "says"))
        assert total == len(answer.claims)


def test_no_verdict_stands_in_a_file() -> None:
    def words(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [w for key, item in value.items() for w in (key, *words(item))]
        return [w for item in value for w in words(item)] if isinstance(value, list) else [str(value)]

    for name in shipped():
        content = content_of(name)
        for row in (*content["claim"], *content.get("link", []), *content.get("fact", [])):
            assert not set(words(row)) & set(VERDICTS), row


def test_motives_and_evaluations_get_no_verdict(answers: dict[str, Answer], record: Record) -> None:
    seen = 0
    for answer in answers.values():
        for claim in answer.claims:
            untestable = claim.claim.kind in ("motive", "evaluation")
            assert (claim.verdict == "untestable") == untestable
            seen += untestable
    assert seen >= 14
    for holds in (True, False, None):
        part = Part("count", holds, "argue.found.fact", {"says": ""}, (), ())
        motive = next(c.claim for c in answers[CRITIQUE].claims if c.claim.kind == "motive")
        assert of_parts(motive, [part]) == "untestable"


def test_earlier_assessments_are_compared_and_the_differences_explained(
    answers: dict[str, Answer], record: Record
) -> None:
    earlier = {row["id"]: row for row in record.table("claims").iter_rows(named=True)}
    claims = {c.claim.earlier: c for c in answers[CRITIQUE].claims}
    assert sorted(key for key in claims if key is not None) == sorted(earlier)
    differ = {
        f"c{number:02d}": (earlier[number]["status"], claims[number].verdict)
        for number in earlier if earlier[number]["status"] != claims[number].verdict
    }  # fmt: skip
    rows = re.findall(r"^\| (c\d\d) \| (\w+) \| (\w+) \| (.{20,}) \|$", METHOD, re.MULTILINE)
    assert {row[0]: row[1:3] for row in rows} == differ


def test_the_wording_is_ours(answers: dict[str, Answer], record: Record) -> None:
    ours = {row["id"]: row["neutral_wording"] for row in record.table("claims").iter_rows(named=True)}
    for claim in answers[CRITIQUE].claims:
        if claim.claim.earlier is not None:
            assert claim.claim.claim == ours[claim.claim.earlier]


# --- a changed fact changes its verdict --------------------------------------------------------------------------------


def date_of(act_id: str, day: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda t: t.with_columns(date=pl.when(pl.col("act_id") == act_id).then(pl.lit(day)).otherwise("date"))


MUTATIONS: list[tuple[str, str, Callable[[pl.DataFrame], pl.DataFrame], str, str]] = [
    ("c02", "case_bodies", lambda t: t.filter(pl.col("body") != "unfpa"), "supported", "partly"),
    ("c01", "case_bodies", lambda t: t.filter(pl.col("body") != "unfpa"), "supported", "partly"),
    ("c05", "acts", date_of("us-014", "2025-01-19"), "supported", "partly"),
    ("c06", "acts", lambda t: t.with_columns(reason=pl.col("reason").str.replace("onerous payments", "distance")),
     "supported", "partly"),
    ("c08", "acts", date_of("us-011", "2025-08-22"), "partly", "partly"),
    ("c20", "acts", lambda t: t.with_columns(date=pl.when(pl.col("episode") == "usa-announced-2026")
                                             .then(pl.lit("2026-01-02")).otherwise("date")), "contradicted", "supported"),
    ("c20", "acts", lambda t: t.with_columns(date=pl.when(pl.col("episode") == "usa-announced-2026")
                                             .then(pl.lit("2026-01")).otherwise("date")), "contradicted", "not_found"),
    ("c36", "ledger", lambda t: t.with_columns(amount=pl.when(pl.col("id") == "du-0463").then(144.4e6).otherwise("amount")),
     "contradicted", "supported"),
    ("c36", "ledger", lambda t: t.filter(pl.col("id") != "du-0463"), "contradicted", "not_found"),
    ("c10", "ledger", lambda t: t.with_columns(amount=pl.when(pl.col("id") == "du-0006").then(5e8).otherwise("amount")),
     "supported", "contradicted"),
    ("c10", "ledger", lambda t: pl.concat([t, t.filter(pl.col("id") == "du-0006").with_columns(
        id=pl.lit("rival"), amount=pl.lit(5e8))]), "supported", "mixed"),
    ("c22", "bodies", lambda t: t.with_columns(issue_areas=pl.col("issue_areas").str.replace("energy", "trade")),
     "supported", "contradicted"),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "table", "edit", "before", "after"), MUTATIONS)
def test_a_changed_fact_changes_its_verdict(
    claim: str, table: str, edit: Any, before: str, after: str, record: Record, changed: Any, answers: dict[str, Answer]
) -> None:
    content = claims_only()
    content["claim"] = [row for row in content["claim"] if row["id"] == claim]
    old, new = judged(record, content), judged(changed(table, edit), content)
    assert (verdict_of(old, claim), verdict_of(new, claim)) == (before, after)
    assert as_dict(old)["claims"][0] != as_dict(new)["claims"][0]
    assert verdict_of(answers[CRITIQUE], claim) == before


@pytest.mark.parametrize(
    ("claim", "fact", "key", "value", "before", "after"),
    [
        ("c12", "raid", "date", "2026-01-04", "supported", "contradicted"),
        ("c12", "raid", "date", "2026-01", "supported", "not_found"),
        ("c16", "oas_text", "number", 20, "contradicted", "supported"),
        ("c27", "ngad", "word", "terminated", "contradicted", "supported"),
        ("c32", "mc_china", "number", 8.7, "supported", "partly"),
        ("c34", "usaid", "number", 80, "supported", "contradicted"),
        ("c20", "raid", "date", "2026-01-09", "contradicted", "supported"),
    ],
)
def test_a_changed_fact_of_the_file_changes_its_verdict(
    claim: str, fact: str, key: str, value: Any, before: str, after: str, record: Record
) -> None:
    content = claims_only()
    content["claim"] = [row for row in content["claim"] if row["id"] == claim]
    old = verdict_of(judged(record, content), claim)
    next(row for row in content["fact"] if row["id"] == fact)[key] = value
    assert (old, verdict_of(judged(record, content), claim)) == (before, after)


def test_two_facts_that_disagree_are_mixed(record: Record) -> None:
    content = claims_only()
    content["claim"] = [row for row in content["claim"] if row["id"] == "c34"]
    rival = {**next(row for row in content["fact"] if row["id"] == "usaid"), "id": "other", "number": 70}
    content["fact"].append(rival)
    content["claim"][0]["check"]["fact"] = ["usaid", "other"]
    assert verdict_of(judged(record, content), "c34") == "mixed"


# --- the one rule ------------------------------------------------------------------------------------------------------


def reading(low: float | None, high: float | None, outcome: str = "cleaned", placebo: str = "holds") -> Reading:
    middle = None if low is None or high is None else (low + high) / 2
    return Reading(
        "hazard", "x", outcome, middle, low, high, "log_rate_ratio", 9, "ok", placebo, "exeunt compare", ("s",)
    )


UP, DOWN, NOUGHT, NONE = (0.1, 0.3), (-0.3, -0.1), (-0.1, 0.1), (None, None)


@pytest.mark.parametrize(
    ("intervals", "plus", "minus"),
    [
        ([UP, UP], "supported", "contradicted"),
        ([UP, NOUGHT], "partly", "not_supported"),
        ([NOUGHT, NOUGHT], "not_supported", "not_supported"),
        ([UP, DOWN], "mixed", "mixed"),
        ([DOWN, DOWN], "contradicted", "supported"),
        ([NONE], "not_found", "not_found"),
        ([UP, NONE], "supported", "contradicted"),
        ([(0.0, 0.3)], "not_supported", "not_supported"),
        ([], "not_found", "not_found"),
    ],
)
def test_estimates_become_a_word_by_one_rule(
    intervals: list[Any], plus: str, minus: str, answers: dict[str, Answer]
) -> None:
    link = answers[CRITIQUE].links[0].link
    rows = [reading(low, high) for low, high in intervals]
    for sign, word in ((1, plus), (-1, minus)):
        assert of_readings(type(link)(**{**link.__dict__, "sign": sign}), rows) == word


def test_raw_decides_nothing_and_a_failed_placebo_holds_a_verdict_back(answers: dict[str, Answer]) -> None:
    link = next(one.link for one in answers[CRITIQUE].links if one.link.sign > 0)
    assert of_readings(link, [reading(0.1, 0.3, "raw")]) == "not_found"
    assert of_readings(link, [reading(-0.3, -0.1, "raw"), reading(0.1, 0.3)]) == "supported"
    assert of_readings(link, [reading(0.1, 0.3, "core", "fails"), reading(0.1, 0.3)]) == "partly"


@pytest.mark.parametrize(
    ("check", "word"),
    [
        ({"more_than": 39}, True), ({"more_than": 40}, None), ({"more_than": 60}, False), ({"at_least": 60}, None),
        ({"at_least": 61}, False), ({"less_than": 40}, False), ({"less_than": 61}, True), ({"at_most": 40}, None),
        ({"equals": 50, "within": 10}, True), ({"equals": 50}, None), ({"equals": 70, "within": 5}, False),
        ({"at_least": 30, "at_most": 70}, True), ({"at_least": 45, "at_most": 55}, None),
    ],
)  # fmt: skip
def test_an_interval_holds_fails_or_stays_open(check: dict[str, float], word: bool | None) -> None:
    assert of_interval(40.0, 60.0, check) == (word, word is None)


@pytest.mark.parametrize(
    ("total", "check", "verdict"),
    [
        ({"middle": 3.0, "low": 1.0, "high": 5.0, "paired": True}, {"more_than": 0}, "supported"),
        ({"middle": 3.0, "low": -1.0, "high": 5.0, "paired": True}, {"more_than": 0}, "not_supported"),
        ({"middle": 90.0, "low": 70.0, "high": 95.0, "paired": False}, {"at_least": 100}, "contradicted"),
    ],
)
def test_a_forecast_is_held_against_worlds(
    total: dict[str, Any], check: dict[str, Any], verdict: str, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks_rooms, "simulated_total", lambda *_: total)
    monkeypatch.setattr(looks_rooms, "read_json", lambda _: None)
    content = copy.deepcopy(GOOD)
    look = {"look": "worlds", "scenario": "baseline", "worlds": 10, "years": 5, "what": "exits", **check}
    put("claim", kind="forecast", check=look)(content)
    answer = judged(record, content)
    assert verdict_of(answer, "a") == verdict
    assert answer.claims[0].commands == ("exeunt simulate baseline --worlds 10 --years 5 --seed 1",)


def test_a_claim_on_an_open_interval_is_not_supported(answers: dict[str, Answer]) -> None:
    claim = next(c.claim for c in answers[CRITIQUE].claims if c.claim.kind == "fact")
    open_part = Part("refilled", None, "argue.found.fact", {"says": ""}, (), (), undecided=True)
    whole = Part("count", True, "argue.found.fact", {"says": ""}, (), ())
    assert of_parts(claim, [open_part]) == "not_supported"
    assert of_parts(claim, [open_part, whole]) == "partly"
    assert of_parts(claim, []) == "not_found"
    doubted = Part("multiplier", True, "argue.found.fact", {"says": ""}, (), (), doubted=True)
    assert of_parts(claim, [doubted]) == of_parts(claim, [doubted, whole]) == "partly"


def test_a_loop_is_as_strong_as_its_weakest_link(answers: dict[str, Answer]) -> None:
    (loop,) = loops(answers[CRITIQUE])
    assert loop.reinforcing and set(loop.variables) == {"decline", "exit"}
    weaker = [
        type(one)(one.link, word, one.readings)
        for one, word in zip(loop.links, ("supported", "not_found"), strict=True)
    ]
    assert Loop(loop.variables, tuple(weaker)).verdict == "not_found"
    assert not loops(answers["case-for-batch-2026"])


def test_turning_a_measure_turns_its_interval(record: Record) -> None:
    test = {"test": "hazard", "account": "Decline", "term": "gdp_share_change10"}
    plain, turned = readings.readings(record, test), readings.readings(record, {**test, "falls": True})
    assert plain[0].low is not None
    assert [(r.low, r.estimate, r.high) for r in turned] == [
        (-(r.high or 0), -(r.estimate or 0), -(r.low or 0)) for r in plain
    ]


def test_small_copies_of_constants_are_the_real_ones() -> None:
    assert models.ATTRIBUTES == attributes.ATTRIBUTES and models.HORIZONS == sequence.HORIZONS
    assert set(models.TESTS) == set(estimates.MAKE) and set(checks.LOOKS) == set(checks.RUNS)
    assert {*models.SHOWN_ONLY, *checks.SIMULATED} < set(OUTCOMES)


# --- errors ------------------------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "title": "t", "about": "a", "address": "https://example.org/t",
    "variable": [{"name": "x", "label": "X", "means": "m"}, {"name": "y", "label": "Y", "means": "m"}],
    "fact": [{"id": "f", "says": "s", "number": 1, "sources": ["https://example.org/f"]}],
    "claim": [{"id": "a", "kind": "fact", "claim": "c", "check": {"look": "fact", "fact": "f", "equals": 1}}],
    "link": [{"source": "x", "target": "y", "sign": "+"}],
}  # fmt: skip


def without(key: str, table: str | None = None) -> Callable[[dict[str, Any]], Any]:
    return lambda c: (c[table][0] if table else c).pop(key)


def put(table: str, **keys: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda c: c[table][0].update(keys)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (put("link", target="z"), "the link x → z: 'z' dangles, for there is no such variable; known: x, y."),
        (lambda c: c["variable"].append({"name": "v", "label": "V", "means": "m"}), "the variable 'v' dangles"),
        (without("sign", "link"), "the link x → y has no sign"),
        (put("link", sign="±"), "has no sign"),
        (without("address"), "the claim a has no source"),
        (put("claim", kind="opinion"), "the claim a is of the kind 'opinion'; expected fact, figure, sequence, motive"),
        (lambda c: c["claim"].append(dict(c["claim"][0])), "two claims are called 'a'"),
        (lambda c: c["link"].append(dict(c["link"][0])), "the link from x to y stands there twice"),
        (lambda c: c.update(verdict="supported"), "the top of the file has no key 'verdict'"),
        (put("claim", verdict="supported"), "the claim a has no key 'verdict'"),
        (put("claim", chek={}), "did you mean check?"),
        (without("title"), "lacks title"),
        (without("sources", "fact"), "the fact f lacks sources"),
        (without("number", "fact"), "the fact f has nothing that a check could compare"),
        (put("fact", sources=["not a web address"]), "expected a web address"),
        (put("claim", claim=7), "claim is 7; expected a text"),
        (put("claim", date="2026-02-30"), "date: "),
        (put("claim", kind="motive", off_subject="oil"), "untestable anyhow"),
        (put("claim", check={"look": "fact", "fact": "g", "equals": 1}), "fact names 'g'; known: f"),
        (put("claim", check={"look": "fact", "fact": "f"}), "expects nothing"),
        (put("claim", check={"look": "sight"}), "no look named 'sight'"),
        (put("claim", check={"equals": 1}), "does not say what it looks at"),
        (put("claim", check={"look": "count", "table": "acts", "where": {"act": "left"}, "equals": 1}),
         "where.act names 'left'"),
        (put("claim", check={"look": "count", "table": "actz", "where": {}, "equals": 1}), "no table named 'actz'"),
        (put("claim", check={"look": "count", "table": "acts", "where": {"actor": "x"}, "equals": 1}), "no column of acts"),
        (put("claim", check={"look": "count", "table": "acts", "where": {}}), "expects no number"),
        (put("claim", check={"look": "count", "table": "acts", "where": {}, "equals": 1, "at_least": 1}), "keep one of them"),
        (put("claim", check={"look": "count", "table": "acts", "where": {}, "at_least": 1, "within": 1}), "is a tolerance"),
        (put("claim", check={"look": "status", "state": "USA", "body": "who", "on": "soon", "is": "member"}), "on: "),
        (put("claim", check={"look": "status", "state": "USA", "body": "who", "on": "2026-01-07", "is": "out"}),
         "is names 'out'"),
        (put("claim", check={"look": "order", "before": {"fact": "f"}, "after": {"act": "joined", "state": "USA"}}),
         "the fact 'f' has no date"),
        (put("claim", check={"look": "order", "before": {"act": "joined"}, "after": {"act": "joined", "state": "USA"}}),
         "without its state or episode"),
        (put("claim", check={"look": "between", "state": "USA", "other": "CHN", "year": 2023, "equals": 1}),
         "either body or measure"),
        (put("claim", kind="forecast"), "a forecast is held against worlds, multiplier alone"),
        (put("claim", check={"look": "worlds", "scenario": "baseline", "worlds": 9, "years": 5, "what": "exits", "at_most": 1}),
         "and nothing else is"),
        (put("claim", check={"look": "refilled", "years": 9, "at_least": 1}), "years is 9"),
        (put("link", test={"test": "feedback", "beyond": 2}), "beyond is 2"),
        (put("link", test={"test": "hazrd"}), "no test of a link named 'hazrd'"),
        (put("link", test={"test": "hazard", "account": "Decline", "term": "distance"}), "Decline has no term 'distance'"),
        (put("link", test={"test": "hazard", "account": "Declin", "term": "x"}), "no account named 'Declin'"),
        (put("link", test={"test": "after_exit", "attribute": "gold"}), "no attribute named 'gold'"),
        (put("link", test={"test": "order_of_force", "years": 4}), "years is 4; expected 1, 3, 5"),
        (lambda c: [c.pop("claim"), c.pop("link"), c.pop("variable")], "holds no claim and no link"),
    ],
)  # fmt: skip
def test_what_the_schema_forbids_is_said_in_one_sentence(change: Callable[[dict[str, Any]], Any], says: str) -> None:
    content = copy.deepcopy(GOOD)
    of_content("mine", "mine.toml", content)
    change(content)
    with pytest.raises((UsageError, UnknownNameError)) as caught:
        of_content("mine", "mine.toml", content)
    text = str(caught.value)
    assert says in text and caught.value.exit_code == 2
    assert "\n" not in text and text.endswith((".", "?"))


def test_a_state_that_the_record_lacks_is_named(record: Record) -> None:
    content = copy.deepcopy(GOOD)
    put("claim", check={"look": "status", "state": "Ruritania", "body": "who", "on": "2026-01-07", "is": "member"})(
        content
    )
    with pytest.raises(UnknownNameError, match="Ruritania"):
        judged(record, content)


# --- commands ------------------------------------------------------------------------------------------------------------


def test_every_figure_is_traced_to_a_command(
    answers: dict[str, Answer], record: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    base = duckdb.connect()
    for table in TABLES:
        base.execute(f"CREATE VIEW {table.name} AS SELECT * FROM read_parquet('{record.file(table.name)}')")
    printed: dict[str, str] = {}
    for answer in answers.values():
        for claim in answer.claims:
            for part in claim.parts:
                assert part.commands
                for command in part.commands:
                    word, *call = shlex.split(command)
                    assert word == "exeunt"
                    if call[0] in BESIDE or (BESIDE and "--view" in call):
                        continue
                    cli.build_parser().parse_args(call)
                    if call[0] == "sql":
                        done = base.execute(call[1])
                        names = [column[0] for column in done.description or ()]
                        rows = [dict(zip(names, row, strict=True)) for row in done.fetchall()]
                        if part.look == "count":
                            assert [row["n"] for row in rows] == [part.number]
                        elif part.look == "listed":
                            assert len(rows) == part.number
                        elif part.look == "total":
                            assert sum(row["usd"] for row in rows) == pytest.approx(part.number)
                        else:
                            assert bool(rows) == (part.holds is not None)
                    elif call[0] in ("status", "exits", "money") and "--view" not in call:
                        if command not in printed:
                            assert cli.main(call) == 0
                            printed[command] = capsys.readouterr().out
                        shown = printed[command]
                        if part.look == "status":
                            assert part.values["status"].removeprefix("status.") in shown
                        elif part.look in ("money", "change") and part.holds is not None:
                            figure = re.findall(r"[\d,]{4,}", part.values.get("figures") or part.values["last"])
                            assert any(one in shown for one in figure) or part.look == "change"
        for link in answer.links:
            for command in link.commands:
                if command.split()[1] not in BESIDE:
                    cli.build_parser().parse_args(shlex.split(command)[1:])
    one = next(c for claim in answers[CRITIQUE].claims for c in claim.commands if "count(*)" in c)
    assert cli.main(shlex.split(one)[1:]) == 0 and "66" in capsys.readouterr().out


def test_the_command_answers_in_every_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["argue", CRITIQUE, "--quiet", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert next(iter(found)) == "argument" and {"claims", "links", "tally", "summary"} <= set(found)
    assert set(found["claims"][0]) >= {"id", "kind", "claim", "verdict", "figure", "sources", "command"}
    assert set(found["links"][0]) >= {
        "source", "target", "sign", "verdict", "estimate", "low", "high", "outcome", "sources", "command",
    }  # fmt: skip
    assert cli.main(["argue", CRITIQUE, "--quiet", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == len(found["claims"]) + len(found["links"])
    out = tmp_path / "a.parquet"
    assert cli.main(["argue", CRITIQUE, "--quiet", "--format", "parquet", "--out", str(out)]) == 0
    assert pl.read_parquet(out).height == len(rows)
    capsys.readouterr()
    assert cli.main(["argue", CRITIQUE, "--quiet", "--lang", "zh-Hant"]) == 0
    shown = capsys.readouterr().out
    assert (
        "獲支持" in shown
        and "此論證可以與不可以主張者" in shown
        and "goes with" not in shown.replace("goes with what", "")
    )
    assert cli.main(["argue", "--list", "--format", "json"]) == 0
    assert [row["argument"] for row in json.loads(capsys.readouterr().out)] == list(shipped())
    assert cli.main(["argue", CRITIQUE, "--facts", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(content_of()["fact"])


def test_a_new_file_is_valid_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["argue", "--new", "my-text"]) == 0
    assert capsys.readouterr().out.strip() == "my-text.toml"
    assert cli.main(["argue", "my-text.toml", "--quiet", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {c["id"]: c["verdict"] for c in found["claims"]} == {
        "batch-of-66": "supported", "out-of-who": "partly", "a-third": "supported", "a-mistake": "untestable",
    }  # fmt: skip
    assert all(kind in scaffold("x") for kind in (*KINDS, *checks.LOOKS, *models.TESTS))
    assert cli.main(["argue", "--new", "my-text"]) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (["critique"], "closest: critique-of-batch-2026"),
        (["nowhere.toml"], "there is no file nowhere.toml"),
        ([], "no argument is named"),
        (["--new", "My Text"], "is no name for an argument"),
        (["--new", CRITIQUE], "is a shipped argument"),
    ],
)
def test_wrong_calls_exit_with_two(call: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["argue", *call]) == 2
    assert says in capsys.readouterr().err


# --- the map -------------------------------------------------------------------------------------------------------------


def labels(argument: Argument, lang: str = "en") -> dict[str, str]:
    return {name: (v.label_zh if lang == "zh-Hant" else None) or v.label for name, v in argument.variables.items()}


def test_the_map_shows_every_link_by_colour_shape_and_figure(answers: dict[str, Answer]) -> None:
    for answer in answers.values():
        found = as_dict(answer)
        drawn = map_svg(found, "en", labels(answer.argument))
        assert drawn.count('class="m-line m-') == len(found["links"]) + len(
            {link["verdict"] for link in found["links"]}
        )
        desc = re.search(r"<desc[^>]*>(.*?)</desc>", drawn, re.DOTALL)
        assert desc is not None and desc[1].count("claimed sign") == len(found["links"])
        for link in found["links"]:
            assert f'm-{link["verdict"]}"' in drawn
        alone = standalone_map(found, "en", labels(answer.argument))
        assert "prefers-color-scheme: dark" in alone and "var(--" not in alone and "<script" not in alone
        assert "http" not in alone.replace("http://www.w3.org/2000/svg", "")


def test_a_map_of_any_shape_is_drawn(record: Record) -> None:
    content = copy.deepcopy(GOOD)
    del content["claim"]
    content["variable"] = [{"name": n, "label": f"variable {n}", "means": "m"} for n in "abcdef"]
    pairs = [("a", "b"), ("b", "a"), ("c", "d"), ("d", "c"), ("e", "f"), ("a", "e"), ("f", "b")]
    content["link"] = [{"source": s, "target": t, "sign": "+"} for s, t in pairs]
    answer = judged(record, content)
    drawn = map_svg(as_dict(answer), "en", labels(answer.argument))
    assert drawn.count('class="m-line m-') == len(pairs) + 1 and "nan" not in drawn


@pytest.mark.parametrize("verdict", [v for v in VERDICTS if v not in ("untestable", "out_of_scope")])
def test_verdicts_differ_without_colour(verdict: str) -> None:
    rules = (ROOT / "src" / "exeunt" / "report" / "assets" / "argument_map.css").read_text(encoding="utf-8")
    dashes = dict(re.findall(r"^\.fig \.m-(\w+) \{[^}]*stroke-dasharray: ([^;]+);", rules, re.MULTILINE))
    assert len(set(dashes.values())) == len(dashes) == 6 and "tip" in dashes  # all but `supported`, which is whole
    assert f".m-{verdict}" in rules


# --- documents ------------------------------------------------------------------------------------------------------------


def test_the_method_page_names_every_look_test_and_verdict() -> None:
    for word in (*checks.LOOKS, *models.TESTS, *VERDICTS):
        assert f"`{word}`" in METHOD, word


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_how_to_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "how-to" / "argue.md").read_text(encoding="utf-8")
    calls = re.findall(r"^    exeunt (argue .*)$", page, re.MULTILINE)
    assert len(calls) == 6
    for number, call in enumerate(calls):
        if number == 4:  # everything that the page adds stands in the file by now
            with (tmp_path / "my-text.toml").open("a", encoding="utf-8") as stream:
                stream.write("\n" + "\n".join(blocks(page, "toml")))
        assert cli.main([*call.split(), "--quiet"]) == 0, call
    capsys.readouterr()
    assert (tmp_path / "my-text.svg").read_text(encoding="utf-8").startswith("<svg")
    assert cli.main(["argue", "my-text.toml", "--quiet", "--format", "json"]) == 0
    found = {c["id"]: c["verdict"] for c in json.loads(capsys.readouterr().out)["claims"]}
    assert found["left-in-2017"] == "partly" and found["to-please-voters"] == "untestable"
    assert found["unfpa-third"] == found["nine-in-ten"] == "contradicted"
    good = (tmp_path / "my-text.toml").read_text(encoding="utf-8")
    changes = [
        ('source = "decline"\ntarget = "exit"', 'source = "decline"\ntarget = "exits"'),
        ('source = "decline"\ntarget = "exit"\nsign = "+"', 'source = "decline"\ntarget = "exit"'),
        ('id = "to-please-voters"\nkind = "motive"', 'id = "to-please-voters"\nkind = "guess"'),
        ('fund = "all", year = 2016', 'fund = "all", yaer = 2016'),
    ]
    for shown, (old, new) in zip(blocks(page, "text")[0].splitlines(), changes, strict=True):
        assert good.count(old) == 1
        (tmp_path / "my-text.toml").write_text(good.replace(old, new), encoding="utf-8")
        assert cli.main(["argue", "my-text.toml"]) == 2
        assert capsys.readouterr().err.strip() == shown


def test_tallies_on_the_method_page_are_those_found(answers: dict[str, Answer]) -> None:
    for part, words in (("claims", VERDICTS), ("links", VERDICTS[:6])):
        for name, answer in answers.items():
            tally = answer.tally[part]
            row = " | ".join(str(n) for n in (sum(tally.values()), *(tally[w] for w in words)))
            assert f"| `{name}` | {row} |" in METHOD


def test_consequences_are_those_kept(record: Record) -> None:
    pytest.importorskip("exeunt.consequence.history")
    kept = reference("arguments_consequence")
    for years, row in kept["base_rate"].items():
        assert REAL["base_rate"](record, int(years))["refilled"] == row["refilled"]
    for name, row in kept["areas_left"].items():
        assert REAL["areas_left"](record, name) == row


@pytest.mark.slow
def test_links_from_fits_made_anew(record: Record) -> None:
    """36 fits, minutes: the verdicts on links are those from the kept comparison."""
    from exeunt.explain.across import estimates as real

    kept = {name: [link.verdict for link in judge(record, read(name)).links] for name in shipped()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimates, "across", real)
        patch.setattr(estimates, "equations", attributes.table)
        patch.setattr(estimates, "ordered", sequence.table)
        patch.setattr(readings, "HERE", ("argument", "words"))
        for name, words in kept.items():
            assert [link.verdict for link in judge(record, read(name)).links] == words
