"""What was found of a claim or link, in words of either language."""

from __future__ import annotations

from exeunt.argument.expect import Part
from exeunt.argument.models import Reading
from exeunt.argument.verdict import ClaimVerdict, LinkVerdict, side
from exeunt.words import known, number, word


def found_of(judged: ClaimVerdict | LinkVerdict, lang: str) -> str:
    """One sentence or a few on what was found."""
    return _of_claim(judged, lang) if isinstance(judged, ClaimVerdict) else _of_link(judged, lang)


def _of_claim(judged: ClaimVerdict, lang: str) -> str:
    said = list(dict.fromkeys(_part(part, lang) for part in judged.parts))
    claim = judged.claim
    said += [word("argue.why.doubted", lang)] if any(part.doubted for part in judged.parts) else []
    if judged.verdict == "untestable":
        said.append(word(f"argue.why.{claim.kind}", lang))
    elif judged.verdict == "out_of_scope":
        said.append(word("argue.why.off_subject", lang, subject=claim.off_subject or ""))
    elif judged.verdict == "not_found":
        floor = judged.parts and all(part.number is not None for part in judged.parts)
        said.append(word("argue.why.floor" if floor else "argue.why.not_found", lang))
        if claim.searched:
            said.append(word("argue.why.searched", lang, searched=claim.searched))
    elif judged.verdict == "not_supported":
        said.append(word("argue.why.undecided", lang))
    elif judged.verdict == "mixed":
        said.append(word("argue.why.mixed", lang))
    return word("sep", lang).join(said)


def _part(part: Part, lang: str) -> str:
    values = dict(part.values)
    for key in ("status", "what"):
        if key in values and known(values[key]):
            values[key] = word(values[key], lang)
    comma = word("list.comma", lang)
    for key in ("before", "after"):
        if values.get(key, "").startswith("act."):
            name, _, episode = values[key].partition("|")
            values[key] = _act(name, lang) + (f" ({episode})" if episode else "")
    values["who"] = _named(values, "state", "body")
    values["account"] = _named(values, "body", "state")
    if "acts" in values:
        told = []
        for act in filter(None, values["acts"].split(";")):
            name, day, body = act.split("|")
            told.append(f"{_act(name, lang)} {day}" + (f" ({body})" if body and not values["body"] else ""))
        more = f" +{values['more']}" if values["more"] != "0" else ""
        values["acts"] = comma.join(told) + more
    if "words" in values:
        values["words"] = comma.join(_act(name, lang) for name in values["words"].split(";"))
    return word(part.key, lang, **values)


def _named(values: dict[str, str], *keys: str) -> str:
    return " ".join(values[key] for key in keys if values.get(key))


def _act(name: str, lang: str) -> str:
    return word(name, lang) if known(name) else name.partition(".")[2].replace("_", " ")


def _of_link(judged: LinkVerdict, lang: str) -> str:
    deciding = [r for r in judged.readings if r.decides]
    if not deciding:
        return word("argue.link.none", lang)
    comma = word("list.comma", lang)
    for_it = [r for r in deciding if side(r, judged.link.sign) > 0]
    against = [r for r in deciding if side(r, judged.link.sign) < 0]
    nought = [r for r in deciding if side(r, judged.link.sign) == 0]
    said = []
    for key, group in (("for", for_it), ("against", against), ("nought", nought)):
        if group:
            said.append(word(f"argue.link.{key}", lang, readings=comma.join(_reading(r, lang) for r in group)))
    doubted = dict.fromkeys(r.outcome for r in deciding if r.placebo == "fails")
    said[-1] += word(
        "argue.link.units", lang, units=comma.join(dict.fromkeys(word(f"unit.{r.unit}", lang) for r in deciding))
    )
    if any(test.get("falls") for test in judged.link.tests):
        said.append(word("argue.link.turned", lang))
    if doubted:
        said.append(word("argue.link.placebo", lang, outcomes=comma.join(doubted)))
    return word("sep", lang).join(said)


def _reading(r: Reading, lang: str) -> str:
    return f"{r.outcome} {r.term} {interval(r, lang)}"


def interval(r: Reading, lang: str) -> str:
    """Estimate and 95 % interval, with signs."""
    if r.estimate is None or r.low is None or r.high is None:
        return word("argue.no_number", lang)
    digits = 2 if max(abs(r.low), abs(r.high)) >= 0.1 else 3
    plus = "" if r.null_value else "+"
    low, middle, high = (
        (plus if v > 0 else "") + number(v, lang, digits)
        for v in (x + r.null_value for x in (r.low, r.estimate, r.high))
    )
    return word("argue.interval", lang, middle=middle, low=low, high=high)
