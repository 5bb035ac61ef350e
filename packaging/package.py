"""Make what is installed: `python3 packaging/bootstrap.py package [bundle | deb | msi | app]`.

Without a word it makes all that this system can make, into dist/.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import bundle
import deb
import environment
import release

Say = Callable[[str], None]
Make = Callable[[Path, Say], Sequence[Path]]


def _bundle(root: Path, say: Say) -> Sequence[Path]:
    return [bundle.build(root, say)]
