"""Help for tests of pages: the commands and blocks on them, and what they say that a command prints."""

from __future__ import annotations

import re
import shlex


def commands(text: str) -> list[list[str]]:
    """Every command line of `exeunt` in an indented block, a remark after it left out."""
    lines = re.findall(r"^    (?:\.venv/bin/)?exeunt (.*)$", text, re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


def blocks(text: str, language: str) -> list[str]:
    """Every fenced block of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def quoted(text: str) -> list[str]:
    """What a page says that its commands print: words in bold, lines of a block."""
    lines = [line for block in blocks(text, "text") for line in block.splitlines()]
    return [" ".join(said.split()) for said in [*re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL), *lines]]


def printed(said: str, output: str) -> bool:
    """Whether the words stand in the output as words, not as part of a longer figure or name."""
    return re.search(rf"(?<![\w.,-]){re.escape(said)}(?![\w-]|[.,]\w)", " ".join(output.split())) is not None
