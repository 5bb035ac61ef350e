"""Draw the help's chapter on states from the table: `python packaging/states.py`.

A test holds resources/help/states.md to what this writes.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = ROOT / "resources" / "help" / "states.md"


def main() -> None:
    """Write the chapter."""
    sys.path.insert(0, str(ROOT))
    from app.ui.wording.states import states_chapter  # noqa: PLC0415 - found from here on

    CHAPTER.write_text(states_chapter(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
