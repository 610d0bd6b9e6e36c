"""exeunt: why did they leave, and what happens next?

The public names load when they are first used, so that `exeunt --help` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "core.errors": ("ExeuntError", "UsageError", "UnknownNameError", "BadDateError", "RecordError"),
    "answers": ("Answer", "Message", "fields", "json_schema"),
    "i18n": ("render", "word"),
    "core.export": ("emit", "frame_of"),
    "core.stata": ("write_dta",),
    "record.opened": ("open_record", "OpenRecord"),
    "record.store": ("Record",),
    "record.status": ("status", "Status"),
    "record.membership": ("members",),
    "record.cases": ("cases", "case", "Case"),
    "record.clauses": ("clock", "Clock"),
    "record.ledgers": ("money",),
    "record.query": ("query",),
    "record.difference": ("compare", "open_snapshot"),
    "record.bundle": ("bundle",),
    "panel.build": ("exit_panel", "join_panel"),
    "explain.fit": ("Fit", "fit"),
    "explain.explanations": ("Explanation", "RIVALS", "from_formula"),
    "simulate.results": ("simulated",),
}
"""Module → the names that the package offers from it."""
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = ["__version__", *_MODULE_OF]


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(import_module(f"exeunt.{_MODULE_OF[name]}"), name)
    raise AttributeError(f"module 'exeunt' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
