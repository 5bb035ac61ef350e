"""A trial names exactly what is wrong with a scanner, and what it proposes mends it."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.layouts import CapsLock, Layout, as_typed
from app.core.scan import (
    DEFAULT_RULES,
    BadgeScan,
    RefusalKind,
    Refused,
    ScanRules,
    SerialScan,
    classify,
)
from app.core.trial import (
    REFERENCE,
    Arrival,
    Ending,
    Proposal,
    Trial,
    TroubleKind,
    as_toml,
    try_keys,
    try_line,
)
from app.core.trial_ways import WAYS, Way
from app.core.wedge import Key, WedgeSettings
from tests.core.trials import Scanner, arrive

SEED = "JBSWY3DPEHPK3PXP"
MEANT = SerialScan(REFERENCE.upper())
RULES, WEDGE = DEFAULT_RULES, WedgeSettings()

around = st.text(alphabet="ABCabc0189~#%&*!$", max_size=5)
scanners = st.builds(
    Scanner,
    prefix=around,
    aim=st.sampled_from(["", "]C0", "]Q1", "]A0"]),
    suffix=around,
    gap=st.sampled_from([0.0, 0.002, 0.03, 0.06, 0.3]),
    ending=st.sampled_from(Ending),
)


def tried(text: str, rules: ScanRules = RULES) -> Trial:
    return try_keys(arrive(text), WEDGE, rules)


def kinds(trial: Trial) -> set[TroubleKind]:
    return {trouble.kind for trouble in trial.troubles}


def wrong(scanner: Scanner, rules: ScanRules = RULES) -> set[TroubleKind]:
    """What is wrong with a scanner that was set up so."""
    faults = {
        TroubleKind.LAYOUT: scanner.layout is not rules.layout,
        TroubleKind.CAPS_LOCK: scanner.caps is not CapsLock.OFF,
        TroubleKind.PREFIX: scanner.prefix != "",
        TroubleKind.SUFFIX: scanner.suffix != "",
        TroubleKind.SLOW: scanner.gap > WEDGE.first_gap,
        TroubleKind.NO_ENDING: scanner.ending is Ending.NOTHING,
    }
    return {kind for kind, is_so in faults.items() if is_so}


def mended(rules: ScanRules, trial: Trial) -> ScanRules:
    """The rules with the lines of the configuration file that were proposed."""
    lines = tomllib.loads(as_toml(trial.proposals)).get("scanner", {})
    layout = Layout(lines.get("layout", rules.layout.value))
    return replace(rules, prefix=lines.get("prefix", rules.prefix), layout=layout)


DISTINCT = tuple({way.typed(REFERENCE): way for way in reversed(WAYS)}.values())


@given(st.sampled_from(DISTINCT), scanners)
def test_a_trial_names_exactly_what_is_wrong_and_its_proposals_mend_it(
    way: Way, scanner: Scanner
) -> None:
    scanner = replace(scanner, layout=way.layout, caps=way.caps)
    trial = try_keys(scanner.scans(), WEDGE, RULES)
    assert trial.reference
    assert not trial.secret
    assert kinds(trial) == wrong(scanner)
    assert trial.aim == scanner.aim[1:]
    # What no setting mends is mended by hand, as the trial says: Caps Lock off, the suffix off.
    again = replace(scanner, caps=CapsLock.OFF, suffix="")
    found = classify(again.types(), mended(RULES, trial))
    assert isinstance(found, SerialScan)
    assert found.serial == MEANT.serial


@given(st.sampled_from(Layout), st.sampled_from(Layout))
def test_a_layout_that_is_set_already_is_no_trouble_and_a_wrong_one_is(
    layout: Layout, set_to: Layout
) -> None:
    rules = ScanRules(layout=set_to)
    trial = tried(Scanner(layout=layout).types(), rules)
    differs = as_typed(REFERENCE, layout) != as_typed(REFERENCE, set_to)
    assert (TroubleKind.LAYOUT in kinds(trial)) == differs
    assert classify(Scanner(layout=layout).types(), mended(rules, trial)) == MEANT


def test_a_prefix_that_is_set_already_is_no_trouble_nor_is_its_absence() -> None:
    rules = ScanRules(prefix="~S")
    assert tried(f"~S{REFERENCE}", rules).troubles == ()
    assert tried(REFERENCE, rules).troubles == ()


def test_a_prefix_that_eats_the_beginning_of_what_is_scanned_is_to_be_taken_back() -> None:
    trial = tried(REFERENCE, ScanRules(prefix="OATH"))
    assert trial.proposals == (Proposal("scanner", "prefix", ""),)


def test_a_scanner_that_works_has_no_trouble() -> None:
    trial = try_keys(arrive(f"]C0{REFERENCE}"), WEDGE, RULES)
    assert trial.troubles == ()
    assert trial.taken == SerialScan(REFERENCE.upper(), "Code 128")
    assert (trial.length, trial.aim, trial.ending) == (25, "C0", Ending.ENTER)
    assert (trial.arrived, trial.understood) == (f"]C0{REFERENCE}", REFERENCE.upper())
    assert trial.mean_gap == pytest.approx(0.002)
    assert trial.longest_gap == pytest.approx(0.002)


def test_framing_and_a_case_of_the_scanners_own_are_no_trouble() -> None:
    for text in (f"\x02{REFERENCE}\x03", REFERENCE.upper(), REFERENCE.lower(), f" {REFERENCE}\x1d"):
        assert tried(text).troubles == ()
        assert tried(text).reference


@example(Way(Layout.HUNGARIAN, CapsLock.LETTERS), 10, 0)  # by other layouts it looks like a seed
@example(Way(Layout.HUNGARIAN, CapsLock.OFF), 10, 0)
@given(st.sampled_from(DISTINCT), st.integers(1, len(REFERENCE) - 2), st.sampled_from([0, 2]))
def test_a_character_lost_or_doubled_in_the_middle_is_counted(
    way: Way, at: int, times: int
) -> None:
    text = REFERENCE[:at] + REFERENCE[at] * times + REFERENCE[at + 1 :]
    trial = tried(way.typed(text))
    scanner = Scanner(layout=way.layout, caps=way.caps)
    assert kinds(trial) == wrong(scanner) | {TroubleKind.DAMAGED}
    trouble = next(each for each in trial.troubles if each.kind is TroubleKind.DAMAGED)
    assert (trouble.lost, trouble.extra) == ((0, 1) if times else (1, 0))


def test_a_control_character_in_the_middle_is_named() -> None:
    for text in (f"{REFERENCE[:9]}\x1d{REFERENCE[9:]}", "8659\x0c610904217"):
        assert kinds(tried(text)) == {TroubleKind.CONTROL}


# Other codes -------------------------------------------------------------------------------------


def test_any_other_code_is_told_as_what_it_is() -> None:
    serial, badge = tried("86596109 04217"), tried("EMP20417")
    assert (serial.taken, serial.understood) == (SerialScan("8659610904217"), "8659610904217")
    assert (badge.taken, badge.understood) == (BadgeScan("20417"), "20417")
    assert serial.troubles == badge.troubles == ()
    assert not serial.reference


@pytest.mark.parametrize(
    ("sent", "layout"),
    [
        ("8659610904217", Layout.AZERTY),
        ("GAKT00040D6D", Layout.AZERTY),
        ("306EUO4-00960", Layout.QWERTZ),
    ],
)
def test_a_layout_is_guessed_from_what_it_did(sent: str, layout: Layout) -> None:
    trial = tried(as_typed(sent, layout))
    [trouble] = trial.troubles
    assert trouble.kind is TroubleKind.LAYOUT
    assert trouble.likely
    assert classify(trial.arrived, mended(RULES, trial)) == SerialScan(sent)


def test_a_scanner_that_agrees_with_the_machine_betrays_a_layout_set_in_vain() -> None:
    [trouble] = tried("8659610904217", ScanRules(layout=Layout.AZERTY)).troubles
    assert (trouble.kind, trouble.layout, trouble.likely) == (
        TroubleKind.LAYOUT,
        Layout.SAME,
        True,
    )


@pytest.mark.parametrize("text", ["hello world", "8,65962E+12", "https://www.example.com/", "(1)"])
def test_nothing_is_guessed_of_what_is_no_serial_number(text: str) -> None:
    assert tried(text).proposals == (
        (Proposal("scanner", "minimum_length", 3),) if len(text) < 6 else ()
    )


# Secrets -----------------------------------------------------------------------------------------

SECRETS = {
    f"otpauth://totp/a?secret={SEED}": RefusalKind.OTP_SECRET,
    SEED: RefusalKind.POSSIBLE_SEED,
    "JBSW Y3DP EHPK 3PXP": RefusalKind.POSSIBLE_SEED,
    "3132333435363738393031323334353637383930AB": RefusalKind.POSSIBLE_SEED,
    f"https://x.example/?s={SEED}": RefusalKind.POSSIBLE_SEED,
    f"1234\x1d{SEED}": RefusalKind.POSSIBLE_SEED,
    "FIDO:/0123456789": RefusalKind.PASSKEY,
    "041238": RefusalKind.SIX_DIGITS,
    "8" * 2049: RefusalKind.TOO_LONG,
}


@pytest.mark.parametrize("way", DISTINCT, ids=lambda way: f"{way.layout.value}-{way.caps.value}")
@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: SECRETS[secret].value)
def test_of_what_may_be_a_secret_only_kind_and_length_are_kept(secret: str, way: Way) -> None:
    arrived = way.typed(secret)
    for trial in (tried(arrived), tried(arrived, ScanRules(layout=way.layout))):
        assert trial.secret
        assert isinstance(trial.taken, Refused)
        assert trial.taken.length == trial.length == len(secret)
        assert (trial.arrived, trial.understood, trial.aim) == ("", "", "")
        assert not trial.proposals


@pytest.mark.parametrize("secret", list(SECRETS))
def test_a_secret_is_called_what_it_is(secret: str) -> None:
    assert tried(secret).taken == Refused(SECRETS[secret], len(secret))


@pytest.mark.parametrize("form", [f"{REFERENCE}{SEED}", f"otpauth://{REFERENCE}"])
def test_a_secret_beside_the_reference_is_one_too(form: str) -> None:
    assert tried(form).secret


def test_no_repr_shows_what_was_scanned() -> None:
    arrival = arrive("~8659610904217!")
    trial = try_keys(arrival, WEDGE, RULES)
    for told in (arrival, trial, tried(f"~~{REFERENCE}!!")):
        assert "86596" not in repr(told)
        assert "OATH" not in repr(told)


@given(st.text(max_size=80))
def test_no_text_makes_a_trial_fail(text: str) -> None:
    for trial in (tried(text), try_line(text, RULES)):
        assert trial.length == len(text)
        assert trial.secret == (trial.arrived == "" and text != "")
        tomllib.loads(as_toml(trial.proposals))


# Rhythm ------------------------------------------------------------------------------------------


def test_a_scan_without_an_ending_is_told() -> None:
    assert kinds(try_keys(arrive(REFERENCE, ending=Ending.NOTHING), WEDGE, RULES)) == {
        TroubleKind.NO_ENDING
    }


def test_a_short_code_proposes_a_shorter_minimum() -> None:
    trial = tried("A1B2")
    assert kinds(trial) == {TroubleKind.SHORT}
    assert trial.typed
    assert trial.proposals == (Proposal("scanner", "minimum_length", 4),)


@pytest.mark.parametrize("text", ["", "a", "ab"])
def test_one_or_two_keys_are_never_a_scan_and_no_setting_makes_them_one(text: str) -> None:
    trial = tried(text)
    assert kinds(trial) == {TroubleKind.SHORT}
    assert trial.proposals == ()


def test_a_rhythm_with_a_long_pause_in_it_proposes_the_times_that_forgive_it() -> None:
    times = [0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.3, 0.31]
    keys = tuple(Key(letter, at) for letter, at in zip("8659610904", times, strict=True))
    trial = try_keys(Arrival(keys, Ending.ENTER), WEDGE, RULES)
    assert kinds(trial) == {TroubleKind.SLOW}
    lines = tomllib.loads(as_toml(trial.proposals))["scanner"]
    assert lines == {"longest_gap": 0.28, "silence": 0.31}
    assert not try_keys(Arrival(keys, Ending.ENTER), WedgeSettings(**lines), RULES).typed


def test_what_is_as_slow_as_a_hand_is_mended_at_the_scanner_alone() -> None:
    trial = try_keys(arrive(REFERENCE, 0.2), WEDGE, RULES)
    assert kinds(trial) == {TroubleKind.SLOW}
    assert trial.proposals == ()


# Serial ports ------------------------------------------------------------------------------------


def test_a_line_of_a_serial_port_has_no_rhythm_and_its_prefix_is_the_ports_own() -> None:
    trial = try_line(f"~{REFERENCE}", RULES)
    assert (trial.gaps, trial.ending) == (None, None)
    assert trial.proposals == (Proposal("serial", "prefix", "~"),)


@pytest.mark.parametrize(
    ("line", "ending"),
    [
        (f"\n{REFERENCE}", "crlf"),
        (f"{REFERENCE}\r\n", "crlf"),
        (f"{REFERENCE}\r", "cr"),
        (f"{REFERENCE}\n", "lf"),
        (f"{REFERENCE}\t", "tab"),
    ],
)
def test_an_ending_that_was_not_listened_for_is_proposed(line: str, ending: str) -> None:
    trial = try_line(line, RULES)
    assert kinds(trial) == {TroubleKind.OTHER_ENDING}
    assert as_toml(trial.proposals) == f'[serial]\nending = "{ending}"'


# The lines ---------------------------------------------------------------------------------------


@given(st.text(max_size=20))
def test_a_proposed_text_stands_in_the_file_as_it_is(text: str) -> None:
    assert tomllib.loads(as_toml([Proposal("scanner", "prefix", text)])) == {
        "scanner": {"prefix": text}
    }


def test_lines_are_put_together_table_by_table() -> None:
    lines = (
        Proposal("scanner", "layout", "azerty"),
        Proposal("serial", "ending", "tab"),
        Proposal("scanner", "average_gap", 0.06),
        Proposal("scanner", "minimum_length", 4),
    )
    assert as_toml(lines) == (
        '[scanner]\nlayout = "azerty"\naverage_gap = 0.06\nminimum_length = 4\n\n'
        '[serial]\nending = "tab"'
    )
