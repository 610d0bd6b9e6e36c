"""Parts of a page that a script writes: what stands between `<!-- NAME -->` and `<!-- end of NAME -->`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any


def renewed(page: str, part: str, text: str) -> str:
    """The page with one part replaced, whose text ends without a line break; raises ValueError for a part that it lacks."""
    begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->"
    if page.count(begin) != 1 or page.count(end) != 1:
        raise ValueError(f"the page has no one part between {begin.strip()} and {end}; put both marks there once.")
    before, rest = page.split(begin)
    return f"{before}{begin}{text}\n{end}{rest.split(end)[1]}"


def filled(page: Path, parts: Mapping[str, Callable[[Any], Sequence[str]]], found: Any) -> str:
    """A page with every part written anew, in lines made from what was found."""
    text = page.read_text(encoding="utf-8")
    for part, make in parts.items():
        text = renewed(text, part, "\n".join(make(found)))
    return text


def kept(page: Path, text: str) -> int:
    """Write a page where it differs, or with `--check` only say so; the exit code is 1 for a page found out of date."""
    same, check = page.read_text(encoding="utf-8") == text, "--check" in sys.argv[1:]
    if not same and not check:
        page.write_text(text, encoding="utf-8")
    print("up to date" if same else f"{'out of date' if check else 'written'}: {page.name}")
    return int(check and not same)
