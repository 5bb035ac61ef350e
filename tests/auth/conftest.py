from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.auth.service import Service, serving
from tests.support.simulated import Simulated, start_simulator


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with serving(tmp_path) as running:
        yield running


@pytest.fixture(scope="package")
def tenant() -> Iterator[Simulated]:
    with start_simulator(people=50, tokens=10) as running:
        yield running


@pytest.fixture
def fresh(tenant: Simulated) -> Simulated:
    """The practice tenant, nobody signed in."""
    tenant.reset()
    return tenant
