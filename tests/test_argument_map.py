"""The causal map shows every link by colour, shape and figure."""

from __future__ import annotations

import copy
import re

import pytest

from arguing import GOOD, judged, labels
from exeunt.argument.verdict import VERDICTS
from exeunt.argument.verdict import _Judged as Judged
from exeunt.argument.verdict_text import as_dict
from exeunt.record.store import Record
from exeunt.report.figures.argument_map import _map_svg as map_svg
from exeunt.report.figures.argument_map import standalone_map
from tiny import ROOT

pytestmark = pytest.mark.usefixtures("kept_estimates")


def test_the_map_shows_every_link_by_colour_shape_and_figure(answers: dict[str, Judged]) -> None:
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
        for unit in {link["unit"] for link in found["links"] if link["estimate"] is not None}:
            assert unit.split(";")[0] in re.sub(r"</text><text[^>]*>", " ", drawn)
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
