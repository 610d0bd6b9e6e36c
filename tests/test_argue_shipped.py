"""The arguments that ship: judged, counted, worded neutrally, and the same from fits made anew."""

from __future__ import annotations

import re
from typing import Any

import pytest

from arguing import CRITIQUE, METHOD, REAL, content_of, reference
from exeunt.argument import checks, models
from exeunt.argument.argument import read, shipped
from exeunt.argument.checks import _Part as Part
from exeunt.argument.verdict import VERDICTS, _of_parts, judge
from exeunt.argument.verdict import _Judged as Judged
from exeunt.argument.verdict_text import as_dict
from exeunt.explain import attributes, sequence
from exeunt.record.store import Record

pytestmark = pytest.mark.usefixtures("kept_estimates")


def test_three_arguments_ship_and_are_judged(answers: dict[str, Judged]) -> None:
    assert set(answers) == {CRITIQUE, "case-for-batch-2026", "literature-on-exit"}
    assert sum(c.claim.earlier is not None for c in answers[CRITIQUE].claims) == 47
    for answer in answers.values():
        for claim in answer.claims:
            assert claim.verdict in VERDICTS and claim.sources
        for link in answer.links:
            assert link.verdict in VERDICTS
            assert bool(link.commands) == bool(link.link.tests)


def test_the_tool_cuts_both_ways(answers: dict[str, Judged]) -> None:
    for name in (CRITIQUE, "case-for-batch-2026"):
        words = {c.verdict for c in answers[name].claims}
        assert {"supported", "contradicted", "untestable", "not_found"} <= words
        assert {"supported", "not_supported"} <= {link.verdict for link in answers[name].links}


def test_tallies_are_counted_from_the_rows(answers: dict[str, Judged]) -> None:
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


def test_motives_and_evaluations_get_no_verdict(answers: dict[str, Judged], record: Record) -> None:
    seen = 0
    for answer in answers.values():
        for claim in answer.claims:
            untestable = claim.claim.kind in ("motive", "evaluation")
            assert (claim.verdict == "untestable") == untestable
            seen += untestable
    assert seen >= 14
    for holds in (True, False, None):
        part = Part("count", holds, (), (), ())
        motive = next(c.claim for c in answers[CRITIQUE].claims if c.claim.kind == "motive")
        assert _of_parts(motive, [part]) == "untestable"


def test_earlier_assessments_are_compared_and_the_differences_explained(
    answers: dict[str, Judged], record: Record
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


def test_the_wording_is_ours(answers: dict[str, Judged], record: Record) -> None:
    ours = {row["id"]: row["neutral_wording"] for row in record.table("claims").iter_rows(named=True)}
    for claim in answers[CRITIQUE].claims:
        if claim.claim.earlier is not None:
            assert claim.claim.claim == ours[claim.claim.earlier]


def test_the_method_page_names_every_look_test_and_verdict() -> None:
    for word in (*checks.LOOKS, *models.TESTS, *VERDICTS):
        assert f"`{word}`" in METHOD, word


def test_tallies_on_the_method_page_are_those_found(answers: dict[str, Judged]) -> None:
    for part, words in (("claims", VERDICTS), ("links", VERDICTS[:6])):
        for name, answer in answers.items():
            tally = answer.tally[part]
            row = " | ".join(str(n) for n in (sum(tally.values()), *(tally[w] for w in words)))
            assert f"| `{name}` | {row} |" in METHOD


def test_consequences_are_those_kept(record: Record) -> None:
    kept = reference("arguments_consequence")
    for years, row in kept["base_rate"].items():
        assert REAL["base_rate"](record, int(years))["refilled"] == row["refilled"]
    for name, row in kept["areas_left"].items():
        assert REAL["areas_left"](record, name) == row


@pytest.mark.slow
def test_links_from_fits_made_anew(record: Record) -> None:
    """36 fits and paired worlds, minutes: the verdicts on links are those from the kept estimates."""
    from exeunt.explain.estimates import estimates as real

    kept = {name: [link.verdict for link in judge(record, read(name)).links] for name in shipped()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "_across", lambda record, rival: real(record, (rival,)))
        patch.setattr(models, "_equations", attributes.table)
        patch.setattr(models, "_ordered", sequence.table)
        patch.setattr(models, "_fed_back", REAL["fed_back"])
        patch.setattr(models, "HERE", ("argument", "i18n"))
        for name, words in kept.items():
            assert [link.verdict for link in judge(record, read(name)).links] == words
