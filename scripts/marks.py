"""Parts of a page that a script writes: what stands between `<!-- NAME -->` and `<!-- end of NAME -->`."""

from __future__ import annotations


def renewed(page: str, part: str, text: str) -> str:
    """The page with one part replaced, whose text ends without a line break; raises ValueError for a part that it lacks."""
    begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->"
    if page.count(begin) != 1 or page.count(end) != 1:
        raise ValueError(f"the page has no one part between {begin.strip()} and {end}; put both marks there once.")
    before, rest = page.split(begin)
    return f"{before}{begin}{text}\n{end}{rest.split(end)[1]}"
