"""The file that `exeunt argue --new` writes: valid as it stands, with a comment on every key."""

from __future__ import annotations

import re
from typing import Final

from exeunt.argument.argument import KINDS, shipped
from exeunt.argument.checks import LOOKS
from exeunt.argument.models import TESTS
from exeunt.errors import UsageError

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
TEXT: Final = """\
# {name}: an argument to put to the test. Run it with: exeunt argue {name}.toml
# No verdict stands in this file. It says what is claimed and where to look; the record and the models answer.

title = "{name}"
about = "What the text argues, in one neutral sentence."
# Where the text was published. A claim or link taken from elsewhere can name its own.
author = "Name of the author"
outlet = "Name of the outlet"
date = "2026-01-08"
address = "https://example.org/the-text"

# A fact is something the record has no table for: a date, a number or a word, with its sources. `sought = true` stands where
# it was looked for and not found. See what a file holds with: exeunt argue {name}.toml --facts
[[fact]]
id = "share_announced"
says = "the outlet put the share of the 66 bodies with something to leave at a third"
number = 33
unit = "per cent"
sources = ["https://example.org/the-text"]

# kind is one of {kinds}. Motives and evaluations get no verdict;
# that somebody GAVE a reason is a fact. Word claims neutrally, in your own words.
# check looks at one thing or a list of things: {looks}.
[[claim]]
id = "batch-of-66"
kind = "figure"
claim = "The memorandum of 7 January 2026 lists 66 bodies."
figures = ["66"]
check = {{ look = "count", table = "case_bodies", where = {{ case = "usa-2026-01" }}, equals = 66 }}

[[claim]]
id = "out-of-who"
kind = "sequence"
claim = "The United States had left the World Health Organization before 7 January 2026."
check = [
  {{ look = "act", state = "USA", body = "who", act = "notified", last = "2026-01-07" }},
  {{ look = "status", state = "USA", body = "who", on = "2026-01-07", is = "not_member" }},
]

[[claim]]
id = "a-third"
kind = "figure"
claim = "A third of the 66 bodies can be left."
check = {{ look = "fact", fact = "share_announced", equals = 33, within = 1 }}

[[claim]]
id = "a-mistake"
kind = "evaluation"
claim = "Leaving was a mistake."

# Links join variables, with a sign: more of the source goes with more (+) or less (-) of the target.
# test names a model or a list of them: {tests}.
[[variable]]
name = "distance"
label = "distance from the other members"
means = "the state votes further from the other members of the body"

[[variable]]
name = "exit"
label = "leaving bodies"
means = "acts of leaving, by the outcomes of the exit panel"

[[link]]
source = "distance"
target = "exit"
sign = "+"
test = {{ test = "hazard", account = "Constraint", term = "distance" }}
"""


def scaffold(name: str) -> str:
    """Text of a file to start from.

    Raises
    ------
    UsageError, for a name that is no file name, or that a shipped argument has.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for an argument; write small letters, digits and hyphens, such as my-text."
        )
    if name in shipped():
        raise UsageError(f"{name} is a shipped argument; choose another name.")
    return TEXT.format(name=name, kinds=", ".join(KINDS), looks=", ".join(LOOKS), tests=", ".join(TESTS))
