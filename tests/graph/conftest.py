"""One throw-away certificate authority for all tests of this folder: making a key takes a while."""

from __future__ import annotations

import pytest
import trustme


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()
