"""The sentences of page 1 and of the section heads: what was found, in either language."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from exeunt.core.dates import parse
from exeunt.i18n import day, dollars, joined, known, listed, number, percent, word
from exeunt.record.exits import OUTCOMES
from exeunt.report.data import _BodyRow, _ClockRow, _Factor, _Follows, _ReportData, _YearBand
from exeunt.report.figures.factors import LEAVEABLE, _name_of, _rivals, _settled

PAGES: Final = ("state", "body")
CONFIDENCE: Final = ("low", "medium", "high")
LONGEST_NAME: Final = 60
FEW_ACTS: Final = 3
"""Fewer acts an exit than this, or an act of low confidence, make a record thin."""


class _Sentences:
    """The sentences of one report in one language."""

    def __init__(self, data: _ReportData, lang: str) -> None:
        self.data, self.lang = data, lang

    def say(self, code: str, **values: object) -> str:
        """A message of the catalogues."""
        return word(code, self.lang, **values)

    def listed(self) -> bool:
        """Whether the case is a list of bodies, as a memorandum names them."""
        return bool(self.data.listed_un or self.data.listed_other)

    def on(self, text: str) -> str:
        """A date with its preposition: on a day, in a month or year."""
        said = day(text, self.lang)
        if "/" in text or any(mark in text for mark in "X~?%"):
            return self.say("on.plain", day=said)
        return self.say("on.day" if len(text) == 10 else "on.in", day=said)

    def state_name(self, code: str) -> str:
        """Name of a state of the case."""
        for key, english, chinese in self.data.states:
            if key == code:
                return chinese if self.lang == "zh-Hant" else english
        return code

    def headline(self) -> str:
        """What was found about the case as a whole."""
        rows = self.data.bodies
        if self.listed():
            leavable = sum(b.what in LEAVEABLE for b in rows)
            return self.say("top.headline", total=self.data.listed_other + self.data.listed_un, leavable=leavable)
        if len(rows) == 1:
            return self._single(rows[0])
        counts, back = Counter(b.outcome for b in rows), sum(b.back is not None for b in rows)
        if self.data.kind in PAGES:
            said = self.say("course.page", exits=len(rows), left=counts["left"] + counts["expelled"])
            return said + (self.say("sep") + self.say("course.page_back", back=back) if back else "")
        found = sorted((name for name in OUTCOMES if counts[name]), key=lambda name: -counts[name])
        parts = [
            self.say("course.next" if place else "course.first", n=counts[name], total=len(rows),
                 what=self.say(f"outcome_word.{name}"))
            for place, name in enumerate(found)
        ]  # fmt: skip
        if back:
            parts.append(self.say("course.back_some", back=back))
        return self.say("sep").join(parts)

    def _single(self, row: _BodyRow) -> str:
        when = {
            "left": row.effective, "disputed": row.effective, "expelled": row.effective, "taken_back": row.taken_back,
            "notice": row.notified, "announced": row.announced, "due": row.until or row.effective,
        }.get(row.outcome)  # fmt: skip
        key = f"course.{row.outcome}"
        if row.outcome == "due":
            when = next((a.date for a in self.data.acts if a.act == "effective_by_clause"), None)
        if row.outcome == "left" and row.back:
            key = "course.left.back"
        said = self.say(
            key, state=self.state_name(row.state), body=self.short_name(row),
            day=self.on(when) if when else "", back=self.on(row.back) if row.back else "",
        )  # fmt: skip
        return said[:1].upper() + said[1:]

    def short_name(self, row: _BodyRow) -> str:
        """Name of a body inside a sentence: the acronym in English where there is one."""
        if self.lang == "zh-Hant" and row.name_zh:
            return row.name_zh
        return row.acronym or self.say("body.the", name=row.name_en)

    def lede(self) -> str:
        """The second sentence: what can be left in a list; the rule behind a single exit; who and what, of several."""
        rows = self.data.bodies
        if self.listed():
            kinds = Counter(b.what for b in rows)
            rest = self.data.listed_other + self.data.listed_un - kinds["membership"] - kinds["treaty"]
            return self.say("top.split", membership=kinds["membership"], treaty=kinds["treaty"], rest=rest)
        if len(rows) == 1:
            return " ".join(self.clock_sentence(c) for c in self.data.clocks).strip()
        if self.data.kind in PAGES:
            return ""
        states = [name[2] if self.lang == "zh-Hant" else name[1] for name in self.data.states]
        bodies = list(dict.fromkeys(self.short_name(b) for b in rows))
        return self.say("lede.bodies", states=self._short(states, 10), bodies=self._short(bodies, 4))

    def clock_sentence(self, c: _ClockRow) -> str:
        """What the rule says of one exit, in one sentence; empty where it says nothing."""
        if c.silent and c.instrument:
            return self.say("lede.silent", rule=c.instrument)
        if not c.instrument or not c.earliest:
            return ""
        rule = self.clause(c)
        if c.notice_established or not c.started_on:
            return self.say("lede.clock", rule=rule, day=day(c.earliest, self.lang))
        return self.say("lede.clock_if", rule=rule, day=day(c.earliest, self.lang), start=self.on(c.started_on))

    def clause(self, c: _ClockRow) -> str:
        """Name of the clause."""
        name = c.instrument or ""
        if len(name) > LONGEST_NAME:
            name = name[:LONGEST_NAME].rpartition(" ")[0].rstrip(",;") + " …"
        if not c.article:
            return self.say("rule.plain", instrument=name)
        return self.say("rule.article" if c.article[:1].isdigit() else "rule.place", article=c.article, instrument=name)

    def period(self, text: str | None) -> str:
        """An ISO 8601 period such as P1Y in words."""
        if text is None:
            return self.say("period.none")
        count, unit = text[1:-1], text[-1:]
        name = {"Y": "year", "M": "month", "D": "day"}.get(unit)
        return self.say(f"count.{name}", n=int(count)) if count.isdigit() and name else text

    def _short(self, names: list[str], most: int) -> str:
        if len(names) <= most:
            return listed(names, self.lang)
        shown = self.say("list.comma").join(names[:most])
        return self.say("lede.more", names=shown, more=len(names) - most)

    def disputed(self) -> str:
        """Who disputes it, as far as the record says."""
        names = [self.label(b) for b in self.data.bodies if b.contested]
        positions = sum(b.positions for b in self.data.bodies)
        if names and positions:
            return self.say("top.contested_some", names=self._short(names, 6), positions=positions)
        if names:
            return self.say("top.contested", count=len(names), names=self._short(names, 6))
        if positions:
            return self.say("top.positions", positions=positions)
        return self.say("top.contested_none")

    def label(self, row: _BodyRow) -> str:
        """Name of an exit: the body, or the state and the body where there are several states."""
        body = _name_of(row, self.lang)
        if len(self.data.states) < 2:
            return body
        return self.say("timeline.both", state=self.state_name(row.state), body=body)

    def lowest(self) -> str | None:
        """The lowest confidence of an act of the case."""
        found = [a.confidence for a in self.data.acts if a.confidence]
        return min(found, key=CONFIDENCE.index) if found else None

    def to_the_day(self) -> int:
        """Acts whose date is known to the day."""
        days = [parse(a.date) for a in self.data.acts]
        return sum(d.earliest is not None and d.earliest == d.latest for d in days)

    def thin(self) -> str:
        """One sentence where the record of a case is thin; empty where it is not, or where a list stands for it."""
        rows = self.data.bodies
        if self.listed() or self.data.kind in PAGES or not rows:
            return ""
        if len(self.data.acts) >= FEW_ACTS * len(rows) and self.lowest() != "low":
            return ""
        lacking = {
            "no_notice": sum(b.notified is None for b in rows),
            "no_effect": sum(b.effective is None for b in rows),
            "vague": len(self.data.acts) - self.to_the_day(),
        }
        parts = [self.say("thin.acts", acts=len(self.data.acts))]
        parts += [self.say(f"thin.{name}", n=count) for name, count in lacking.items() if count]
        return self.say("top.thin", parts=self.say("sep").join(parts))

    def bodies_title(self) -> str:
        """Finding of the section on bodies."""
        rows = self.data.bodies
        if self.listed():
            kinds = Counter(b.what for b in rows)
            leavable = kinds["membership"] + kinds["treaty"]
            total = self.data.listed_other + self.data.listed_un
            return self.say("bodies.title", total=total, leavable=leavable, nothing=kinds["nothing_to_leave"])
        if len(rows) == 1:
            return self.say("bodies.title_one")
        bodies, states = len({b.key for b in rows}), len({b.state for b in rows})
        return self.say("bodies.title_any", exits=len(rows), bodies=bodies, states=states)

    def why_sentence(self) -> str:
        """What the explanations come to, in one sentence."""
        why = self.data.why
        if self.data.kind == "body" and why.covered:
            return self.say("why.page_body", covered=len(why.covered)) + self.say("text.full_stop").strip()
        if not why.covered or not why.summary:
            return self.say("why.none_covered")
        found = _rivals(self.data)
        names: dict[str, list[str]] = {}
        for f in found:
            names.setdefault(_settled(f), []).append(self.say(f"explanation.{f.explanation}"))
        parts = [self._factor_sentence(f) for f in found if _settled(f) in ("up", "down")]
        if "no" in names:
            key = "why.unsettled" if len(names["no"]) > 1 else "why.unsettled_one"
            parts.append(self.say(key, names=listed(names["no"], self.lang)))
        if "same" in names:
            parts.append(self.say("why.same", names=listed(names["same"], self.lang)))
        intro = self.say("why.intro" if len(why.covered) > 1 else "why.intro_one", covered=len(why.covered))
        return intro + self.say("sep").join(parts) + self.say("text.full_stop").strip()

    def _factor_sentence(self, f: _Factor) -> str:
        low, high = number(f.low, self.lang, 2), number(f.high, self.lang, 2)
        name = self.say(f"explanation.{f.explanation}")
        return self.say(
            f"why.settled_{_settled(f)}", name=name, factor=number(f.factor, self.lang, 2), low=low, high=high
        )

    def why_title(self) -> str:
        """Finding of the section on explanations."""
        covered, found = len(self.data.why.covered), _rivals(self.data)
        if not covered:
            return self.say("why.none_covered")
        if self.data.kind == "body":
            return self.say("why.page_body", covered=covered)
        if self.data.kind == "state":
            return self.say("why.page_state", covered=covered, count=len(found))
        total = len(self.data.bodies)
        count = sum(_settled(f) in ("up", "down") for f in found)
        if count:
            return self.say("why.head", settled=count, count=len(found), covered=covered, total=total)
        return self.say("why.head_none", covered=covered, total=total)

    def why_sub(self) -> str:
        """What the fit rests on."""
        why = self.data.why
        outcome, criterion = (
            self.say(f"{kind}.{value}") if known(f"{kind}.{value}") else value.replace("_", " ")
            for kind, value in (("outcome", why.outcome), ("criterion", why.criterion))
        )
        whole = self.data.kind in PAGES
        total = len(why.covered) + len(why.not_covered) if whole else len(self.data.bodies)
        return self.say(
            "why.scope_page" if whole else "why.scope", total=total, covered=len(why.covered), rows=why.rows,
            first=why.first_year, last=why.last_year, events=why.events, outcome=outcome, criterion=criterion,
        )  # fmt: skip

    def next_sentence(self, drawn: list[_YearBand]) -> str:
        """What the worlds come to, or why there are none."""
        if self.data.next.refused or not drawn:
            status = self.data.why.fit_status
            reason = self.say(f"fit.{status}") if known(f"fit.{status}") else status.replace("_", " ")
            return self.say("next.refused", reason=reason)
        low, median, high = (number(value, self.lang) for value in self.data.next.total_exits)
        first, last = drawn[0].year, drawn[-1].year
        return self.say("next.sentence", median=median, low=low, high=high, first=first, last=last)

    def hits_sentence(self) -> str:
        """What a list of the hundred likeliest exits would have been worth, from the back-test."""
        found = self.data.compared
        if found is None:
            return ""
        best = next((h for h in found.hits if h[0] == "common" and h[1] == 1), None)
        if best is None:
            return ""
        return self.say(
            "hits.sentence", first=found.first_origin, last=found.last_origin, listed=number(best[2], self.lang),
            hits=best[3], chance=number(best[4], self.lang, 1), inside=found.inside, totals=found.totals,
        )  # fmt: skip

    def _gap_body(self, key: str) -> str:
        """Name of a body inside a sentence."""
        found = next((b for b in self.data.bodies if b.key == key), None)
        if found is None:
            return key.replace("_", " ")
        return found.name_zh if self.lang == "zh-Hant" and found.name_zh else found.acronym or found.name_en

    def _value_of(self, found: _Follows, status: str) -> float:
        """Number of bodies of whose money so much is known."""
        figures = (row for row in found.figures if row.what.code == "figure.bodies")
        return next((row.value or 0 for row in figures if row.what.values["status"] == status), 0)

    def gap_sentence(self, gap: dict[str, Any]) -> str:
        """What a body loses."""
        return self.say(
            "cost.gap", body=self._gap_body(gap["body"]), amount=dollars(gap["amount"], self.lang),
            ledger=self.say(f"money.{gap['ledger']}"), low=dollars(gap["low"], self.lang), high=dollars(gap["high"], self.lang),
            year=gap["year"],
        )  # fmt: skip

    def cost(self) -> str:
        """What it costs and whom, in three sentences at most; not determined where no ledger holds it."""
        found = self.data.follows
        if found is None:
            return ""
        stop = self.say("text.full_stop")
        parts = []
        if found.gaps:
            by_ledger = {gap["ledger"]: gap for gap in reversed(found.gaps)}
            largest = [self.gap_sentence(gap) for gap in sorted(by_ledger.values(), key=lambda gap: -gap["amount"])]
            most = self.say("cost.most") if len({gap["body"] for gap in found.gaps}) > 1 else ""
            parts.append(most + self.say("sep").join(largest) + stop.strip())
            if len(self.data.bodies) > 1:
                figures, budget = (int(self._value_of(found, name)) for name in ("figures", "regular_budget"))
                bodies = len({b.key for b in self.data.bodies})
                parts.append(self.say("cost.known", bodies=bodies, figures=figures, budget=budget))
        else:
            parts.append(self.say("cost.unknown"))
        arrears = [
            dollars(row["amount"], self.lang)
            for row in found.owed
            if row["what"] == "owed" and row["currency"] == "USD"
        ]
        if arrears and len(self.data.bodies) == 1:
            parts.append(self.say("cost.owed", amounts=self.say("cost.or").join(dict.fromkeys(arrears))))
        rate = next((r for r in found.rates if r["definition"] == "main" and r["years"] == 3), None)
        if found.gaps and rate and rate["without_a_fall_rate"] is not None:
            parts.append(
                self.say("cost.refill", rate=percent(rate["rate"], self.lang), events=rate["events"],
                     beside=percent(rate["without_a_fall_rate"], self.lang))
            )  # fmt: skip
        return joined(parts, self.lang)

    def follows_title(self) -> str:
        """Finding of the section on consequences."""
        found = self.data.follows
        if found is None or not found.gaps:
            return self.say("follows.title")
        gap = found.gaps[0]
        return self.say(
            "follows.title_gap", body=self._gap_body(gap["body"]), amount=dollars(gap["amount"], self.lang),
            ledger=self.say(f"money.{gap['ledger']}"),
        )  # fmt: skip

    def _subject(self) -> str:
        """Key of the state or body that the page is about."""
        return self.data.state if self.data.kind == "state" else self.data.case.removeprefix("body-")

    def paid_name(self, key: str) -> dict[str, str]:
        """Name of a state or a body that the ledgers name."""
        for one, english, chinese in self.data.called:
            if one == key:
                said = chinese if self.lang == "zh-Hant" and chinese else english
                return {"text": said, "lang": self.lang if said != english else "en"}
        return {"text": key.replace("_", " "), "lang": "en"}

    def paid_rate(self, value: float) -> str:
        """A rate in per cent with as many of three decimals as it has."""
        digits = next((d for d in range(3) if round(value, d) == value), 3)
        return percent(value / 100, self.lang, digits)

    def paid_title(self) -> str:
        """The finding."""
        name = self.paid_name(self._subject())["text"]
        found = self.data.paid
        if found is None or not found.known:
            return self.say("paid.title_none", name=name)
        last = found.years[-1] if found.years else None
        if last is None or last["share"] is None:
            return self.say("paid.title_some", name=name)
        money = last["assessed"] if last["dues"] else last["core"] + last["earmarked"]
        key = "title_state" if self.data.kind == "state" else "title_body" if last["dues"] else "title_gifts"
        return self.say(
            f"paid.{key}", name=name, amount=dollars(money, self.lang), year=last["year"],
            share=percent(last["share"], self.lang, 1),
            largest=self.paid_name(last["largest"])["text"] if last["largest"] else "",
        )  # fmt: skip

    def paid_command(self) -> str:
        """Command that prints every figure."""
        if self.data.kind == "body":
            return f"exeunt money {self._subject()}"
        keys = [row["key"] for row in self.data.paid.latest] if self.data.paid else []
        return f"exeunt money {keys[0] if keys else 'un'} --state {self.data.state}"
