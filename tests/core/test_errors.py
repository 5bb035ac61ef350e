"""The tree of errors: drawn as it is, evidence kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import ModuleType

import pytest

import app.core.errors
import app.core.stationkey
from app.core.errors import (
    DirectoryError,
    Evidence,
    IllegalEvent,
    KeyUnusable,
    LedgerError,
    OathdeskError,
    Rejected,
    SeedFileError,
    SeedFileUnreadable,
    SignInError,
    SignInEvidence,
    SignInExpired,
    SignInRefused,
    SignInUnreachable,
    Throttled,
    Unavailable,
)

AT = datetime(2026, 11, 23, 9, 0, 1, 250_000, tzinfo=UTC)
WHOLE = Evidence(
    "POST", "/users/1", 400, "badRequest", "No <b>such</b> code.", "r-1", "c-1", "Mon", AT
)


def below(root: type[OathdeskError], module: ModuleType) -> set[str]:
    """The names of what hangs below `root` and is written in `module`."""
    own = [each for each in root.__subclasses__() if each.__module__ == module.__name__]
    return {each.__name__ for each in own}.union(*(below(each, module) for each in own))


def status(code: int) -> Evidence:
    return Evidence(status=code)


@pytest.mark.parametrize(
    ("module", "root"), [(app.core.errors, OathdeskError), (app.core.stationkey, KeyUnusable)]
)
def test_the_drawing_shows_every_error_and_no_other(
    module: ModuleType, root: type[OathdeskError]
) -> None:
    drawing = (module.__doc__ or "").partition(f"{root.__name__}\n")[2]
    assert set(re.findall(r"[├└]── (\w+)", drawing)) == below(root, module)


@pytest.mark.parametrize(
    "branch", [DirectoryError, SignInError, LedgerError, SeedFileError, IllegalEvent]
)
def test_each_branch_hangs_on_the_root(branch: type[OathdeskError]) -> None:
    assert branch.__bases__ == (OathdeskError,)


def test_the_rows_of_evidence_are_in_a_supporters_order() -> None:
    assert WHOLE.rows() == (
        ("Request", "POST /users/1"),
        ("HTTP status", "400"),
        ("Graph code", "badRequest"),
        ("Message", "No <b>such</b> code."),
        ("request-id", "r-1"),
        ("client-request-id", "c-1"),
        ("Server date", "Mon"),
        ("Time (UTC)", "2026-11-23T09:00:01.250+00:00"),
    )


def test_what_is_not_known_has_no_row() -> None:
    assert Evidence().rows() == SignInEvidence().rows() == ()
    assert Evidence(method="GET").rows() == (("Request", "GET"),)
    assert status(0).rows() == (("HTTP status", "0"),)


def test_the_rows_of_a_sign_in_are_its_own_words() -> None:
    evidence = SignInEvidence("invalid_grant", "Expired.", "c-2", AT)
    assert [label for label, _ in evidence.rows()] == [
        "Error",
        "Description",
        "correlation-id",
        "Time (UTC)",
    ]


def test_a_directory_error_keeps_its_evidence_and_says_little_itself() -> None:
    error = Rejected(WHOLE)
    assert error.evidence is WHOLE
    assert str(error) == "POST /users/1 -> 400 badRequest"


def test_what_an_answer_adds_is_kept_beside_the_evidence() -> None:
    assert Throttled(status(429), 7.5).retry_after == 7.5
    assert Throttled(status(429)).retry_after is None
    assert Unavailable(status(503), 3).retry_after == 3
    assert SignInExpired(status(401), "{}").claims == "{}"


def test_a_sign_in_that_failed_keeps_what_was_said() -> None:
    evidence = SignInEvidence("access_denied")
    assert SignInRefused(evidence).evidence is evidence
    assert SignInUnreachable("no route").evidence.description == "no route"


def test_a_seed_file_that_failed_says_what_and_where() -> None:
    error = SeedFileUnreadable("no element found", 7)
    assert (error.problem, error.line) == ("no element found", 7)
    assert str(error) == "line 7: no element found"
    assert str(SeedFileUnreadable("it is gone")) == "it is gone"
