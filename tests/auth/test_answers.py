from datetime import UTC, datetime, timedelta

import pytest

from app.auth.answers import (
    NUMBERS,
    account,
    bare_scopes,
    by_device_code,
    device_prompt,
    failure,
    renewal,
    signed_out,
)
from app.core.errors import (
    AccountRefused,
    CertificateRefused,
    ClockWrong,
    ConsentDeclined,
    ConsentMissing,
    DeviceCodeBlocked,
    PolicyRefused,
    PublicClientOff,
    RegistrationWrong,
    SecondFactorMissing,
    SignInCancelled,
    SignInEnded,
    SignInEvidence,
    SignInRefused,
    SignInTimedOut,
    SignInUnreachable,
    WrongTenant,
)
from app.core.signin import Account

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_a_token_is_no_failure() -> None:
    assert failure({"access_token": "t"}, NOW) is None


@pytest.mark.parametrize(
    "result",
    [
        {"error": "access_denied"},
        {"error": "access_denied", "error_description": "the user canceled"},
        {"error": "authorization_declined"},
        {"error": "authorization_declined", "error_description": "AADSTS70018: declined"},
        {"error": "cancelled"},
    ],
)
def test_a_persons_no_is_a_cancellation(result: dict[str, object]) -> None:
    assert isinstance(failure(result, NOW), SignInCancelled)


@pytest.mark.parametrize(
    "result",
    [
        {"error": "authorization_pending"},
        {"error": "authorization_pending", "error_description": "AADSTS70016: not yet"},
        {"error": "slow_down"},
        {"error": "expired_token", "error_description": "AADSTS70020: expired"},
        {"error": "code_expired"},
    ],
)
def test_m1_a_code_that_expires_is_told_and_is_no_cancellation(result: dict[str, object]) -> None:
    assert isinstance(failure(result, NOW), SignInTimedOut)


@pytest.mark.parametrize("error", ["authorization_declined", "access_denied", "cancelled"])
@pytest.mark.parametrize("number", [530035, 530033, 53003, 530036, 530032, 65004, 99999, 1234])
def test_m1_what_a_policy_declines_is_never_taken_for_the_operators_own_no(
    error: str, number: int
) -> None:
    words = f"AADSTS{number}: Access has been blocked."
    told = failure({"error": error, "error_description": words}, NOW)
    assert isinstance(told, SignInRefused)
    assert told.evidence.number == number
    listed = failure({"error": error, "error_codes": [number]}, NOW)
    assert isinstance(listed, SignInRefused)
    assert dict(listed.evidence.rows())["Error code"] == f"AADSTS{number}"


@pytest.mark.parametrize("codes", [None, [], ["53003"], [None], [True], [-1], [10**12], {"a": 1}])
def test_a_list_of_numbers_that_is_none_is_overlooked(codes: object) -> None:
    assert isinstance(
        failure({"error": "access_denied", "error_codes": codes}, NOW), SignInCancelled
    )


def test_m1_what_a_policy_refuses_to_a_device_code_is_that_way_being_blocked() -> None:
    for kind in (PolicyRefused, DeviceCodeBlocked):
        assert isinstance(by_device_code(kind(SignInEvidence())), DeviceCodeBlocked)
    other = ConsentMissing(SignInEvidence())
    assert by_device_code(other) is other


def test_a_policys_no_is_a_refusal_with_the_services_own_words() -> None:
    words = "AADSTS53003: Access has been blocked by Conditional Access policies."
    result = {"error": "access_denied", "error_description": words, "correlation_id": "c-1"}

    error = failure(result, NOW)

    assert isinstance(error, SignInRefused)
    assert error.evidence.rows() == (
        ("Error", "access_denied"),
        ("Description", words),
        ("correlation-id", "c-1"),
        ("Time (UTC)", "2026-11-23T12:00:00.000+00:00"),
    )


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (50020, WrongTenant),
        (90072, WrongTenant),
        (50057, AccountRefused),
        (50105, AccountRefused),
        (50076, SecondFactorMissing),
        (500121, SecondFactorMissing),
        (53003, PolicyRefused),
        (53000, PolicyRefused),
        (65001, ConsentMissing),
        (65004, ConsentDeclined),
        (530031, PolicyRefused),
        (530032, PolicyRefused),
        (530033, DeviceCodeBlocked),
        (530034, PolicyRefused),
        (530035, PolicyRefused),
        (530036, DeviceCodeBlocked),
        (530084, PolicyRefused),
        (7000218, PublicClientOff),
        (90002, RegistrationWrong),
        (700016, RegistrationWrong),
        (700027, CertificateRefused),
        (700024, ClockWrong),
        (50173, SignInEnded),
        (70043, SignInEnded),
        (99999, SignInRefused),
    ],
)
def test_the_services_number_decides_what_it_is_called(
    number: int, kind: type[SignInRefused]
) -> None:
    words = f"AADSTS{number}: in its own words."
    error = failure({"error": "invalid_grant", "error_description": words}, NOW)
    assert type(error) is kind
    assert isinstance(error, SignInRefused)
    assert (error.evidence.error, error.evidence.description) == ("invalid_grant", words)


def test_no_number_means_two_things() -> None:
    numbers = [number for known in NUMBERS.values() for number in known]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("interaction_required", SignInEnded),
        ("consent_required", ConsentMissing),
        ("invalid_grant", SignInRefused),
    ],
)
def test_without_a_number_the_error_does(error: str, kind: type[SignInRefused]) -> None:
    assert type(failure({"error": error}, NOW)) is kind


def test_a_renewal_without_a_name_is_the_end_of_the_sign_in_and_others_keep_theirs() -> None:
    unnamed, policy = (
        failure({"error": "invalid_grant", "error_description": words}, NOW)
        for words in ("no", "AADSTS53003: no")
    )
    assert unnamed is not None
    assert policy is not None
    ended = renewal(unnamed)
    assert isinstance(ended, SignInEnded)
    assert ended.evidence.description == "no"
    assert renewal(policy) is policy


def test_neither_a_token_nor_an_error_is_a_refusal() -> None:
    assert isinstance(failure({}, NOW), SignInRefused)


def test_a_description_is_kept_within_bounds() -> None:
    error = failure({"error": "invalid_grant", "error_description": "x" * 9999}, NOW)

    assert isinstance(error, SignInRefused)
    assert len(error.evidence.description) == 2000


def test_nobody_signed_in_has_the_standards_word_for_it() -> None:
    assert signed_out(NOW).evidence.error == "login_required"


def test_scopes_lose_the_directorys_address_and_what_is_no_permission() -> None:
    granted = "https://graph.microsoft.com/User.Read Policy.Read.All openid profile email"

    assert bare_scopes(granted) == {"User.Read", "Policy.Read.All"}


FLOW = {"user_code": "ABCD", "verification_uri": "https://here/", "expires_in": 900}


def test_a_device_flow_says_what_to_show_and_until_when() -> None:
    prompt = device_prompt(FLOW, NOW)

    assert (prompt.url, prompt.user_code) == ("https://here/", "ABCD")
    assert prompt.expires_at == NOW + timedelta(minutes=15)


def test_a_device_code_never_lives_longer_than_an_hour() -> None:
    assert device_prompt(FLOW | {"expires_in": 1e300}, NOW).expires_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize("lifetime", ["soon", None, "nan"])
def test_a_device_flow_without_a_lifetime_is_no_answer(lifetime: object) -> None:
    with pytest.raises(SignInUnreachable):
        device_prompt(FLOW | {"expires_in": lifetime}, NOW)


def test_a_refused_device_flow_carries_its_reason() -> None:
    with pytest.raises(SignInRefused, match="unauthorized_client"):
        device_prompt({"error": "unauthorized_client"}, NOW)


def test_an_account_is_whom_the_id_token_names() -> None:
    claims = {"oid": "id-ada", "name": "Ada", "preferred_username": "ada@example.com"}
    assert account({"id_token_claims": claims}) == Account("id-ada", "Ada", "ada@example.com")
    assert account({"id_token_claims": {"oid": "id-ada", "name": 5}}) == Account("id-ada")


@pytest.mark.parametrize("result", [{}, {"id_token_claims": None}, {"id_token_claims": {"oid": 7}}])
def test_an_id_token_that_names_nobody_names_nobody(result: dict[str, object]) -> None:
    assert account(result) is None
