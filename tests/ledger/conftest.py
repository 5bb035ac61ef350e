from collections.abc import Iterator
from pathlib import Path

import pytest

from app.ledger import SqliteLedger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record" / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[SqliteLedger]:
    opened = SqliteLedger(path)
    opened.open()
    yield opened
    opened.close()
