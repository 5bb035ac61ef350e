"""`--sign-in` asks a person only where neither a certificate nor the system's store will do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from app.auth import Certificate
from app.core.checkup import Finding, Told, Verdict
from app.core.signin import SignInMethod
from tests.doctor.clinic import Clinic, not_well
from tests.support import secret_service, softhsm

SHORT_LIVED = {"certificate": "warning"}
"""The certificate of a practice tenant does not live as long as a real one."""


def by_key(findings: Sequence[Finding]) -> dict[str, Finding]:
    return {each.key: each for each in findings}


def unattended(clinic: Clinic) -> None:
    app = clinic.tenant.ready.app
    file = Path(app.certificate_file)
    file.chmod(0o600)
    clinic.change(
        methods=(SignInMethod.CERTIFICATE,),
        key=Certificate(file, app.client_id),
    )


def test_an_unattended_station_signs_in_by_its_certificate(clinic: Clinic) -> None:
    unattended(clinic)
    findings = clinic.examine()
    assert not_well(findings) == SHORT_LIVED
    found = by_key(findings)
    assert found["signed_in"].verdict is found["inventory"].verdict is Verdict.OK
    assert found["scope/User.Read"].told is Told.FOR_PEOPLE
    assert clinic.prompts == 0


def test_a_permission_that_the_application_was_not_given_is_named(clinic: Clinic) -> None:
    unattended(clinic)
    clinic.tenant.fault("withdraw_consent", scope="UserAuthenticationMethod.ReadWrite.All")
    found = not_well(clinic.examine())
    missing = {"scope/UserAuthenticationMethod.ReadWrite.All": "failure"}
    assert found == SHORT_LIVED | missing


def test_without_being_asked_nobody_signs_in(clinic: Clinic) -> None:
    found = by_key(clinic.examine(sign_in=False))
    assert found["signed_in"].told is found["scope/User.Read"].told is Told.NOBODY
    assert found["tenant"].told is Told.TENANT_EXISTS
    assert clinic.prompts == 0


def test_a_sign_in_that_the_system_keeps_is_taken_up_without_a_word(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why := secret_service.missing():
        pytest.skip(why)
    with secret_service.a_secret_service(tmp_path, monkeypatch):
        clinic.change(keep=True)
        for _ in range(2):
            found = by_key(clinic.examine())
            assert found["signed_in"].verdict is Verdict.OK
            assert found["secret_store"].told is Told.STORE_KEEPS
            assert clinic.prompts == 1


def test_a_key_that_never_leaves_its_store_is_shown_to_sign(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why := softhsm.missing():
        pytest.skip(why)
    token = softhsm.a_token(softhsm.prepare(tmp_path, monkeypatch))
    certificate = token.make()
    clinic.change(key=token.key)
    finding = by_key(clinic.examine(sign_in=False))["certificate"]
    assert (finding.verdict, finding.told) == (Verdict.OK, Told.KEY_SIGNS)
    rows = dict(finding.rows)
    assert rows["Key store"] == token.key.place
    assert rows["Thumbprint"] == softhsm.thumbprint(certificate)
    assert (rows["Signs"], rows["Ends"]) == ("PS256", "2100-01-01")
