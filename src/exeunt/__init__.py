"""exeunt: why did they leave, and what happens next?

The public names load when they are first used, so that `exeunt --help` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "open_record": "exeunt.record.opened",
    "OpenRecord": "exeunt.record.opened",
    "Record": "exeunt.record.store",
    "status": "exeunt.record.status",
    "cases": "exeunt.record.cases",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'exeunt' has no attribute {name!r}")
