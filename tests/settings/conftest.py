"""The machine that layers are laid on."""

from pathlib import Path

import pytest

from tests.settings.layers import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)
