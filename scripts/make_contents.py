"""Write what is inside the pinned raw files: rows, columns, types, empty cells.

    python scripts/make_contents.py DIR

DIR holds the raw sources. Files that are not the ones on their cards stop it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from exeunt.core.files import write_bytes
from exeunt.etl.raw import CONTENTS, READ
from exeunt.etl.raw import _as_json as as_json
from exeunt.etl.raw import _contents_of as contents_of
from exeunt.etl.raw import _verified as verified


def main() -> int:
    """Look into every file that a refresh reads."""
    sources = Path(sys.argv[1])
    found = {f"{key}/{name}": contents_of(verified(sources, key, name)) for key, name in READ}
    print(f"{CONTENTS.name}: {write_bytes(CONTENTS, as_json(found))} bytes, {len(found)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
