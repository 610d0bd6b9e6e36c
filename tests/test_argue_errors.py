"""What the schema of an argument forbids is said in one sentence."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from arguing import GOOD, judged, put, without
from exeunt.argument.argument import _of_content
from exeunt.core.errors import UnknownNameError, UsageError
from exeunt.record.store import Record

pytestmark = pytest.mark.usefixtures("kept_estimates")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (put("link", target="z"), "the link x → z: 'z' dangles, for there is no such variable; known: x, y."),
        (lambda c: c["variable"].append({"name": "v", "label": "V", "means": "m"}), "the variable 'v' dangles"),
        (without("sign", "link"), "the link x → y lacks sign"),
        (put("link", sign="±"), "sign is '±'; expected one of +, -"),
        (without("address"), "the claim a has no source"),
        (put("claim", kind="opinion"), "kind is 'opinion'; expected one of fact, figure, sequence, motive"),
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
        (put("claim", check={"look": "count", "table": "acts", "where": {}, "first_year": 1, "last_year": 2, "at_most": 1}),
         "years bound a count of episodes"),
        (put("claim", check={"look": "count", "table": "episodes", "where": {}, "first_year": 1945, "equals": 1}),
         "write first_year and last_year"),
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
    _of_content("mine", "mine.toml", content)
    change(content)
    with pytest.raises((UsageError, UnknownNameError)) as caught:
        _of_content("mine", "mine.toml", content)
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
