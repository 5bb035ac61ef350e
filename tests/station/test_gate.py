"""The gate opens for its PIN alone, counts before it judges, and forgets nothing over a restart."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.core.pin import PinHash
from app.core.tries import FIRST_WAIT, FREE, Tries
from app.station.gate import Answer, Gate, Verdict
from tests.fakes.clock import FakeClock
from tests.fakes.tries import FakeBook

PIN, WRONG = "271828", "314159"
HASH = PinHash.of(PIN, b"0123456789abcdef")


@pytest.fixture
def book() -> FakeBook:
    return FakeBook()


@pytest.fixture
def clock() -> FakeClock:
    clock = FakeClock()
    clock.stop()
    return clock


@pytest.fixture
def gate(book: FakeBook, clock: FakeClock) -> Gate:
    return Gate(HASH, book, clock.uptime)


def fail(gate: Gate, times: int) -> Verdict:
    return [gate.try_pin(WRONG) for _ in range(times)][-1]


def test_the_right_pin_opens_and_all_that_failed_is_forgotten(gate: Gate, book: FakeBook) -> None:
    fail(gate, FREE - 1)
    assert gate.try_pin(PIN) == Verdict(Answer.OPEN)
    assert book.tries == Tries()


def test_after_three_that_failed_the_right_one_has_to_wait_as_well(
    gate: Gate, clock: FakeClock
) -> None:
    wait = FIRST_WAIT.total_seconds()
    assert fail(gate, FREE) == Verdict(Answer.WRONG, wait)
    assert gate.try_pin(PIN) == Verdict(Answer.WAIT, wait)
    clock.advance(wait - 1)
    assert gate.look() == Verdict(Answer.WAIT, 1)
    assert gate.try_pin(PIN).answer is Answer.WAIT
    clock.advance(1)
    assert gate.try_pin(PIN).answer is Answer.OPEN


def test_a_try_during_the_wait_does_not_make_it_longer(gate: Gate, book: FakeBook) -> None:
    fail(gate, FREE)
    before = book.tries
    gate.try_pin(WRONG)
    assert book.tries == before


def test_a_restart_shortens_no_wait(gate: Gate, book: FakeBook, clock: FakeClock) -> None:
    fail(gate, FREE)
    clock.advance(FIRST_WAIT.total_seconds())
    fail(gate, 1)
    again = Gate(HASH, book, clock.uptime)
    assert again.try_pin(PIN) == Verdict(Answer.WAIT, 60)


def test_a_try_counts_before_it_is_judged(clock: FakeClock) -> None:
    """Whoever pulls the plug while a PIN is judged has tried."""
    counted: list[Tries] = []

    class Watching(FakeBook):
        def write(self, tries: Tries) -> bool:
            counted.append(tries)
            return super().write(tries)

    Gate(HASH, Watching(), clock.uptime).try_pin(PIN)
    assert [tries.failed for tries in counted] == [1, 0]


def test_where_nothing_can_be_counted_no_pin_is_taken(clock: FakeClock) -> None:
    book = FakeBook(writable=False)
    assert Gate(HASH, book, clock.uptime).try_pin(PIN) == Verdict(Answer.NOT_COUNTED)


def test_without_a_pin_nothing_opens(book: FakeBook, clock: FakeClock) -> None:
    gate = Gate(None, book, clock.uptime)
    assert gate.look() == gate.try_pin("") == Verdict(Answer.NO_PIN)
    assert book.tries == Tries()


def test_a_clock_that_is_set_forward_and_back_gains_nothing(gate: Gate, clock: FakeClock) -> None:
    fail(gate, FREE)
    clock.set_back(3600)
    assert gate.look().wait == FIRST_WAIT.total_seconds()
    clock.advance(29)
    assert gate.look().wait == 1


@pytest.mark.parametrize("seconds", [31, 3_600, 400 * 86_400, -60, -400 * 86_400])
def test_t11_a_clock_that_is_set_lifts_no_wait(
    gate: Gate, book: FakeBook, clock: FakeClock, seconds: float
) -> None:
    fail(gate, FREE)
    clock.set_ahead(seconds)
    assert gate.look() == Verdict(Answer.WAIT, 30)
    assert Gate(HASH, book, clock.uptime).try_pin(PIN) == Verdict(Answer.WAIT, 30)
    clock.advance(30)
    assert gate.try_pin(PIN).answer is Answer.OPEN


def test_t11_a_restart_of_the_machine_begins_the_wait_anew(
    gate: Gate, book: FakeBook, clock: FakeClock
) -> None:
    fail(gate, FREE)
    clock.advance(29)
    clock.start_again()
    clock.set_ahead(86_400)
    again = Gate(HASH, book, clock.uptime)
    assert again.look() == Verdict(Answer.WAIT, 30)
    clock.advance(10)
    assert again.look() == Verdict(Answer.WAIT, 20)
    clock.start_again()
    assert again.look() == Verdict(Answer.WAIT, 30)
    clock.advance(30)
    assert again.try_pin(PIN).answer is Answer.OPEN


def test_many_hands_at_once_get_no_more_tries_than_one(gate: Gate, book: FakeBook) -> None:
    with ThreadPoolExecutor(8) as hands:
        verdicts = list(hands.map(gate.try_pin, [WRONG] * 12))
    assert sum(verdict.answer is Answer.WRONG for verdict in verdicts) == FREE
    assert book.tries.failed == FREE
