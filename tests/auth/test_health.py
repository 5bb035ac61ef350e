"""The certificate of an unattended station: good, near its end, over, or open to others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.auth import Certificate
from app.auth.health import SOON, look_at_certificate
from app.core.checkup import Told, Verdict
from app.core.errors import KeyUnusable
from tests.auth.keys import NOW, certificate_of, key_pem, private, rsa_key

KEY = rsa_key()
DAY = timedelta(days=1)


def a_certificate(folder: Path, left: timedelta) -> Certificate:
    content = key_pem(KEY) + certificate_of(KEY, ends=NOW + left)
    return Certificate(private(folder / "station.pem", content))


def test_a_certificate_with_time_left_is_good(tmp_path: Path) -> None:
    finding = look_at_certificate(a_certificate(tmp_path, SOON + DAY), NOW)
    assert (finding.verdict, finding.told) == (Verdict.OK, Told.KEY_GOOD)


def test_one_that_ends_soon_is_a_warning_with_the_days(tmp_path: Path) -> None:
    finding = look_at_certificate(a_certificate(tmp_path, 3 * DAY), NOW)
    assert (finding.verdict, finding.told) == (Verdict.WARNING, Told.KEY_ENDS_SOON)
    assert finding.facts["days"] == "3"


def test_one_that_is_over_is_a_failure_with_the_reason(tmp_path: Path) -> None:
    finding = look_at_certificate(a_certificate(tmp_path, -DAY), NOW)
    assert finding.verdict is Verdict.FAILURE
    assert isinstance(finding.error, KeyUnusable)
    assert "expired" in finding.error.problem


@pytest.mark.skipif(
    "os.name != 'posix'",
    reason="Windows has access lists and no modes (tests/test_files.py tries those)",
)
def test_a_key_that_others_can_read_is_a_failure_with_what_mends_it(tmp_path: Path) -> None:
    certificate = a_certificate(tmp_path, SOON + DAY)
    certificate.file.chmod(0o640)
    finding = look_at_certificate(certificate, NOW)
    assert isinstance(finding.error, KeyUnusable)
    assert finding.error.mend.startswith("chmod 600 ")
