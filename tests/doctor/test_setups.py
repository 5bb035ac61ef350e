"""Every way of being broken gives its own line, and nothing else is accused."""

from __future__ import annotations

import json

import pytest

from app.ui.wording.doctor_report import as_lines, as_members
from tests.doctor.clinic import HELP, SECRET, SETUPS, Clinic, Setup, not_well, table_rows
from tests.support.simulated import DANA


@pytest.mark.parametrize("setup", SETUPS, ids=str)
def test_a_broken_set_up_fails_in_its_own_line_and_in_no_other(
    setup: Setup, clinic: Clinic
) -> None:
    setup.arrange(clinic)
    findings = clinic.examine()
    assert not_well(findings) == setup.wrong
    rows = table_rows(setup, findings)
    assert [row for row in rows if row not in HELP.read_text("utf-8")] == []
    report = json.dumps(as_members(findings)) + "\n".join(as_lines(findings))
    operator = clinic.tenant.operator(DANA)
    secrets = (SECRET, operator.password, operator.username, operator.display_name)
    assert [secret for secret in secrets if secret in report] == []
