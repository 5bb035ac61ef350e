"""What a check-up comes to: its order, its worst verdict, its exit code, and what holds up what."""

import pytest

from app.core.checkup import (
    Check,
    Examination,
    Finding,
    Told,
    Verdict,
    exit_code,
    in_order,
    key_of,
    overall,
)


def found(verdict: Verdict, check: Check = Check.CLOCK, told: Told = Told.AFTER) -> Finding:
    return Finding(check, verdict, told)


@pytest.mark.parametrize(
    ("verdicts", "worst", "code"),
    [
        ((), Verdict.OK, 0),
        ((Verdict.OK, Verdict.NOT_CHECKED), Verdict.OK, 0),
        ((Verdict.OK, Verdict.WARNING), Verdict.WARNING, 0),
        ((Verdict.WARNING, Verdict.FAILURE, Verdict.OK), Verdict.FAILURE, 1),
    ],
)
def test_the_worst_verdict_counts_and_only_a_failure_fails(
    verdicts: tuple[Verdict, ...], worst: Verdict, code: int
) -> None:
    findings = [found(verdict) for verdict in verdicts]
    assert overall(findings) is worst
    assert exit_code(findings) == code


@pytest.mark.parametrize(
    ("verdict", "told", "holds_up"),
    [
        (Verdict.OK, Told.CONNECTED, False),
        (Verdict.WARNING, Told.CLOCK_OFF, False),
        (Verdict.FAILURE, Told.NAME_UNKNOWN, True),
        (Verdict.NOT_CHECKED, Told.AFTER, True),
        (Verdict.NOT_CHECKED, Told.NOBODY, True),
        (Verdict.NOT_CHECKED, Told.BY_PROXY, False),
        (Verdict.NOT_CHECKED, Told.NOT_WANTED, False),
        (Verdict.NOT_CHECKED, Told.ROLES_UNREADABLE, False),
    ],
)
def test_a_failure_holds_up_what_depends_on_it_and_what_is_not_needed_does_not(
    verdict: Verdict, told: Told, *, holds_up: bool
) -> None:
    assert found(verdict, told=told).holds_up is holds_up


def test_findings_stand_in_the_order_of_the_report_and_scopes_as_they_were_found() -> None:
    late, clock = found(Verdict.OK, Check.INVENTORY), found(Verdict.OK, Check.CLOCK)
    scopes = [Finding(Check.SCOPE, Verdict.OK, Told.SCOPE_GRANTED, subject=s) for s in "ba"]
    assert in_order([late, *scopes, clock]) == (clock, *scopes, late)


def test_a_name_tells_apart_what_is_checked_more_than_once() -> None:
    finding = Finding(Check.SCOPE, Verdict.OK, Told.SCOPE_GRANTED, subject="User.Read")
    assert finding.key == key_of(Check.SCOPE, "User.Read") == "scope/User.Read"
    assert found(Verdict.OK).key == "clock"


def test_the_keys_for_other_programs_are_words_and_each_has_one_meaning() -> None:
    for kind in (Check, Told, Verdict):
        values = [str(member.value) for member in kind]
        assert len(set(values)) == len(list(kind))
        assert [value for value in values if not value.replace("_", "").isalpha()] == []


async def never() -> Finding:
    raise AssertionError


def test_what_is_not_carried_out_or_takes_too_long_says_so_under_its_own_name() -> None:
    examination = Examination(Check.ROLE, never, "Global Reader", seconds=2.6)
    skipped = examination.not_checked(Told.NOBODY)
    assert (skipped.key, skipped.verdict) == ("role/Global Reader", Verdict.NOT_CHECKED)
    slow = examination.too_slow()
    assert (slow.key, slow.verdict) == ("role/Global Reader", Verdict.FAILURE)
    assert slow.facts == {"seconds": 3}
