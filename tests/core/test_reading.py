"""What a card says is checked once, where it becomes a reading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.reading import BadgeKind, BadgeReading, Family, TextScanned, TokenReading, is_serial

NOW = datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("serial", ["1", "8659610123456", "0A1B2C3D", "306EUO4-00960", "F" * 32])
def test_serial_numbers_are_taken(serial: str) -> None:
    assert TokenReading(Family.YUBIKEY, "", serial).serial == serial


@pytest.mark.parametrize("serial", ["", "-1", "1-", "a1", "1 2", "１２", "1\n", "F" * 33, "É1"])
def test_what_is_no_serial_number_becomes_no_reading(serial: str) -> None:
    with pytest.raises(ValueError, match="not a serial number"):
        TokenReading(Family.YUBIKEY, "", serial)


@given(st.text(max_size=40))
def test_a_serial_number_is_short_plain_and_upper_case(text: str) -> None:
    if is_serial(text):
        assert text.isascii()
        assert text == text.upper().strip()
        assert 1 <= len(text) <= 32


@pytest.mark.parametrize("model", ["a\nb", "é", "x" * 61])
def test_a_model_is_short_and_printable(model: str) -> None:
    with pytest.raises(ValueError, match="model"):
        TokenReading(Family.YUBIKEY, model, "1")


def test_a_badge_has_no_dash_and_no_length_beyond_a_guid() -> None:
    assert BadgeReading(BadgeKind.UID, "04A1B2C3").number == "04A1B2C3"
    for wrong in ("", "04-A1", "0" * 33):
        with pytest.raises(ValueError, match="badge"):
            BadgeReading(BadgeKind.CHUID, wrong)


@pytest.mark.parametrize("seconds", [-86_400, -1, 0, 45])
def test_the_drift_is_the_tokens_time_minus_ours(seconds: int) -> None:
    reading = TokenReading(Family.TOKEN2_OTP, "", "1", NOW + timedelta(seconds=seconds))
    assert reading.compared_with(NOW).drift == seconds


@pytest.mark.parametrize("ahead", [-600.0, 0.0, 42.5])
def test_the_drift_is_corrected_where_our_own_clock_is_known_to_be_off(ahead: float) -> None:
    reading = TokenReading(Family.TOKEN2_OTP, "", "1", NOW + timedelta(seconds=45))
    assert reading.compared_with(NOW).corrected(ahead).drift == 45 - ahead
    assert reading.corrected(ahead).drift is None


def test_a_token_that_tells_no_time_has_no_drift() -> None:
    assert TokenReading(Family.YUBIKEY, "", "1").compared_with(NOW).drift is None
    with pytest.raises(ValueError, match="UTC"):
        TokenReading(Family.TOKEN2_OTP, "", "1", NOW.replace(tzinfo=None))


def test_a_scanned_text_may_be_a_seed_and_is_masked() -> None:
    assert "secret" not in repr(TextScanned("COM4", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP"))
