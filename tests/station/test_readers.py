"""What card readers and serial-port scanners bring to the desk, and what is told of them."""

from __future__ import annotations

import asyncio

import pytest

from app.core.badge import BadgeRules, ChipNumber
from app.core.enrollment import State
from app.core.layouts import Layout
from app.core.model import Source
from app.core.preflight import FindingKind
from app.core.reading import (
    BadgeKind,
    BadgeReading,
    CardGone,
    CardRead,
    CardReading,
    CardSeen,
    Family,
    Help,
    Missing,
    NeedsHelp,
    NoReader,
    NotAToken,
    PortTrouble,
    ReaderAppeared,
    ReaderGone,
    ScannerAppeared,
    ScannerGone,
    ScannerTrouble,
    ServiceBack,
    ServiceMissing,
    TextScanned,
    Thing,
    TokenReading,
)
from app.core.scan import RefusalKind, ScanRules
from app.core.skew import FEWEST
from app.station.context import DeskSettings, Ports
from app.station.notices import CardNotice, CardState, CodeNotice, ScanNotice
from app.station.readers import ReaderLine, ReadersNotice, ScannerLine, TrialScanNotice
from app.station.station import Station
from tests.fakes.world import RIGHT
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

PAD, SLOT = "ACS ACR1252 Dual Reader PICC 00 00", "Yubico YubiKey CCID 01 00"
PORT = "COM7"
CHIP = BadgeReading(BadgeKind.UID, "04A1B2C3D4E5F6")


def a_token(serial: str = "86590001", drift: float | None = None) -> TokenReading:
    return TokenReading(Family.TOKEN2_OTP, "C301-i", serial, drift=drift)


async def lay(stage: Stage, reading: CardReading, reader: str = PAD) -> None:
    """Lay a card on a pad and let the desk hear of it."""
    stage.world.cards.tell(
        ReaderAppeared(reader, pad=reader == PAD), CardSeen(reader), CardRead(reader, reading)
    )
    await stage.until(lambda: any(line.card == reading for line in connected(stage).readers))
    await stage.a_moment()


async def lift(stage: Stage, reader: str = PAD) -> None:
    stage.world.cards.tell(CardGone(reader))
    await stage.until(lambda: all(line.card is None for line in connected(stage).readers))
    await stage.a_moment()


def connected(stage: Stage) -> ReadersNotice:
    return stage.of(ReadersNotice)[-1]


# Tokens ------------------------------------------------------------------------------------------


async def test_a_token_on_the_pad_fills_the_token_card() -> None:
    async with a_desk() as stage:
        await lay(stage, a_token())
        await stage.reach(State.HAS_TOKEN)
        card = stage.token_card
        assert (card.state, card.serial_number, card.source) == (
            CardState.FOUND,
            "86590001",
            Source.CARD,
        )
        assert (card.reading, card.reader, card.pad) == (a_token(), PAD, True)


async def test_a_token_that_is_lifted_stays_on_the_desk() -> None:
    async with a_desk() as stage:
        await lay(stage, a_token())
        await lift(stage)
        assert stage.state is State.HAS_TOKEN


async def test_a_token_that_lies_there_already_is_taken_at_sign_in() -> None:
    async with a_desk(signed_in=False) as stage:
        await lay(stage, a_token())
        await stage.station.session.begin_in_browser()
        await stage.until(lambda: stage.station.session.operator is not None)
        await stage.reach(State.HAS_TOKEN)
        assert stage.token_card.reader == PAD


async def test_nothing_comes_to_the_desk_while_nobody_is_signed_in() -> None:
    async with a_desk(signed_in=False) as stage:
        await lay(stage, a_token())
        stage.world.ports.tell(TextScanned(PORT, "86590001"))
        await stage.a_moment()
        assert stage.world.directory.count("find_tokens") == 0


async def test_tapped_and_scanned_at_once_is_one_reading() -> None:
    async with a_desk() as stage:
        await lay(stage, a_token())
        await stage.scan("86590001")
        await stage.reach(State.HAS_TOKEN)
        assert stage.world.directory.count("find_tokens") == 1
        assert stage.token_card.source is Source.CARD


async def test_after_two_seconds_the_same_token_is_looked_up_anew() -> None:
    async with a_desk() as stage:
        await lay(stage, a_token())
        await stage.reach(State.HAS_TOKEN)
        await stage.world.clock.sleep(2)
        await stage.scan("86590001")
        await stage.until(lambda: stage.world.directory.count("find_tokens") == 2)


async def test_a_token_may_be_read_again_at_once_after_its_card_was_cleared() -> None:
    async with a_desk() as stage:
        await lay(stage, a_token())
        await stage.desk.clear_token()
        await stage.scan("86590001")
        await stage.reach(State.HAS_TOKEN)
        assert stage.token_card.source is Source.SCANNER


async def test_what_a_token_tells_of_itself_outlasts_a_look_up_that_failed() -> None:
    async with a_desk() as stage:
        stage.lose_network()
        await lay(stage, a_token(drift=3.0))
        await stage.until(lambda: stage.token_card.state is CardState.FAILED)
        stage.regain_network()
        await stage.until(lambda: stage.token_card.state is CardState.FOUND)
        assert (stage.token_card.drift, stage.token_card.source) == (3.0, Source.CARD)


# Clocks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drift", "found"),
    [
        (2.0, []),
        (-300.0, [FindingKind.TOKEN_DRIFTS]),
        (200_000.0, [FindingKind.TOKEN_CLOCK_LOST]),
        (None, []),
    ],
)
async def test_the_check_judges_the_clock_a_token_has_told(
    drift: float | None, found: list[FindingKind]
) -> None:
    async with a_desk() as stage:
        await lay(stage, a_token(drift=drift))
        await stage.desk.serve(stage.world.ada)
        checked = await stage.checked()
        assert checked.state is State.AWAITING_CODE
        assert [finding.kind for finding in checked.findings] == found


@pytest.mark.parametrize(("drift", "sent"), [(-27.0, True), (0.0, False)])
async def test_a_code_is_judged_by_the_clock_of_its_token(drift: float, sent: bool) -> None:  # noqa: FBT001 - a column
    """As the station's step ends, a token that is 27 s behind has just begun its own."""
    async with a_desk() as stage:
        await lay(stage, a_token(drift=drift))
        await stage.desk.serve(stage.world.ada)
        await stage.checked()
        stage.world.clock.advance(18)
        await stage.desk.submit(RIGHT)
        assert bool(stage.of(CodeNotice)) is not sent
        assert (stage.state is State.AWAITING_CODE) is not sent


# Cards that are no tokens ------------------------------------------------------------------------


@pytest.mark.parametrize("reading", [NotAToken(Thing.MOLTO2), NeedsHelp(Help.ASLEEP)], ids=repr)
async def test_a_card_that_gives_no_serial_number_says_what_it_is_until_it_is_lifted(
    reading: NotAToken | NeedsHelp,
) -> None:
    async with a_desk() as stage:
        await lay(stage, reading)
        assert (stage.token_card.state, stage.token_card.reading) == (CardState.UNREAD, reading)
        assert stage.state is State.EMPTY
        await lift(stage)
        assert stage.token_card.state is CardState.EMPTY


async def test_a_wallet_on_the_pad_does_not_take_a_token_off_the_desk() -> None:
    async with a_desk() as stage:
        await stage.scan("86590001")
        await stage.reach(State.HAS_TOKEN)
        await lay(stage, NotAToken(Thing.UNKNOWN))
        assert stage.state is State.HAS_TOKEN
        assert stage.of(CardNotice) == [CardNotice(NotAToken(Thing.UNKNOWN))]


async def test_a_token_that_wakes_up_replaces_the_word_that_it_sleeps() -> None:
    async with a_desk() as stage:
        await lay(stage, NeedsHelp(Help.ASLEEP))
        await lay(stage, a_token())
        await stage.reach(State.HAS_TOKEN)


async def test_a_word_about_one_reader_is_not_taken_back_by_another() -> None:
    async with a_desk() as stage:
        await lay(stage, NotAToken(Thing.UNKNOWN))
        stage.world.cards.tell(ReaderAppeared(SLOT), CardGone(SLOT))
        await stage.until(lambda: len(connected(stage).readers) == 2)
        assert stage.token_card.state is CardState.UNREAD


# Badges ------------------------------------------------------------------------------------------


async def test_a_badge_whose_number_is_filed_fills_the_person_card() -> None:
    async with a_desk(settings=DeskSettings(badges=BadgeRules(chip=ChipNumber.HEX))) as stage:
        stage.world.tenant.badges[stage.world.ada.id] = CHIP.number
        await lay(stage, CHIP)
        await stage.reach(State.HAS_PERSON)
        assert stage.person_card.person == stage.world.ada


async def test_the_number_of_a_chip_is_no_badge_unless_the_site_says_so() -> None:
    async with a_desk() as stage:
        await lay(stage, CHIP)
        assert stage.token_card.reading == NotAToken(Thing.UNKNOWN)
        assert stage.world.directory.count("people_by_badge") == 0


async def test_a_badge_that_flutters_is_asked_for_once() -> None:
    async with a_desk(settings=DeskSettings(badges=BadgeRules(chip=ChipNumber.HEX))) as stage:
        stage.world.tenant.badges[stage.world.ada.id] = CHIP.number
        for _ in range(3):
            await lay(stage, CHIP)
            await lift(stage)
        await stage.reach(State.HAS_PERSON)
        assert stage.world.directory.count("people_by_badge") == 1


# Serial-port scanners ----------------------------------------------------------------------------


async def test_a_serial_port_scanner_fills_the_cards_like_any_other() -> None:
    async with a_desk() as stage:
        stage.world.ports.tell(TextScanned(PORT, "86590001"), TextScanned(PORT, "EMP20417"))
        await stage.checked()
        assert (stage.token_card.source, stage.enrollment.person) == (
            Source.PORT,
            stage.world.ada,
        )


async def test_a_layout_is_undone_for_keys_alone() -> None:
    settings = DeskSettings(rules=ScanRules(layout=Layout.AZERTY, prefix="~"))
    for source in (Source.PORT, Source.TYPED, Source.PRACTICE):
        async with a_desk(settings=settings) as stage:
            await stage.station.input.scanned("86590001", source)
            await stage.reach(State.HAS_TOKEN)
    async with a_desk(settings=settings) as stage:
        await stage.scan("~_-(çààà&")
        await stage.reach(State.HAS_TOKEN)


async def test_a_secret_from_a_serial_port_is_refused_and_not_told_on() -> None:
    async with a_desk() as stage:
        stage.world.ports.tell(TextScanned(PORT, "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP"))
        await stage.until(lambda: bool(stage.of(ScanNotice)))
        assert stage.of(ScanNotice) == [ScanNotice(RefusalKind.OTP_SECRET)]
        assert "JBSWY3DPEHPK3PXP" not in repr(stage.notices)


async def test_while_scanners_are_tried_out_nothing_reaches_the_desk() -> None:
    async with a_desk() as stage:
        await stage.station.readers.try_out(on=True)
        stage.world.ports.tell(TextScanned(PORT, "86590001"))
        await lay(stage, a_token())
        assert stage.of(TrialScanNotice) == [TrialScanNotice(PORT, "86590001")]
        assert "86590001" not in repr(stage.of(TrialScanNotice))
        assert stage.state is State.EMPTY
        await stage.station.readers.try_out(on=False)
        stage.world.ports.tell(TextScanned(PORT, "86590001"))
        await stage.reach(State.HAS_TOKEN)


# What is connected -------------------------------------------------------------------------------


async def test_readers_and_scanners_that_come_and_go_are_told() -> None:
    async with a_desk(signed_in=False) as stage:
        cards, ports = stage.world.cards, stage.world.ports
        assert connected(stage) == ReadersNotice()
        cards.tell(ServiceMissing(Missing.SERVICE, "0x8010001D"))
        await stage.until(lambda: connected(stage).missing is Missing.SERVICE)
        cards.tell(ServiceBack(), NoReader(), ReaderAppeared(SLOT), ReaderAppeared(PAD, pad=True))
        ports.tell(
            ScannerAppeared(PORT, "Datalogic"), ScannerTrouble("COM9", PortTrouble.BUSY, "x")
        )
        cards.tell(CardSeen(PAD))
        await stage.until(lambda: any(line.busy for line in connected(stage).readers))
        assert connected(stage) == ReadersNotice(
            readers=(ReaderLine(PAD, pad=True, busy=True), ReaderLine(SLOT)),
            scanners=(
                ScannerLine(PORT, "Datalogic"),
                ScannerLine("COM9", trouble=PortTrouble.BUSY, detail="x"),
            ),
        )
        cards.tell(ReaderGone(SLOT))
        ports.tell(ScannerGone(PORT), ScannerAppeared("COM9", "Zebra"))
        await stage.until(lambda: connected(stage).scanners == (ScannerLine("COM9", "Zebra"),))
        assert [line.name for line in connected(stage).readers] == [PAD]


async def test_what_is_not_to_be_watched_is_said_so() -> None:
    async with a_desk(signed_in=False) as stage:
        outside = stage.world.station_ports
        bare = Ports(outside.directory, outside.sign_in, outside.ledger, outside.clock)
        other = Station(bare, stage.station.settings, stage.notices.append)
        await other.start()
        assert connected(stage) == ReadersNotice(cards=False, ports=False)
        await other.close()


async def test_a_station_that_closes_watches_no_more() -> None:
    async with a_desk() as stage:
        cards, ports = stage.world.cards, stage.world.ports
        assert (cards.watching, ports.watching) == (True, True)
    assert (cards.watching, ports.watching) == (False, False)


async def test_five_hundred_cards_that_come_and_go_leave_nothing_behind() -> None:
    async with a_desk() as stage:
        for _ in range(500):
            stage.world.cards.tell(CardSeen(PAD), CardRead(PAD, a_token()), CardGone(PAD))
        await stage.until(lambda: len(stage.of(ReadersNotice)) >= 1500)
        await stage.reach(State.HAS_TOKEN)
        await asyncio.sleep(0)
        assert stage.world.directory.count("find_tokens") == 1
        assert connected(stage).readers == (ReaderLine(PAD),)


async def test_on_a_machine_ten_minutes_slow_a_token_that_is_right_has_no_drift() -> None:
    async with a_desk() as stage:
        for _ in range(FEWEST):
            stage.station.heard(answered=True, latency=5.0, offset=600.0)
        await lay(stage, a_token(drift=601.0))
        await stage.desk.serve(stage.world.ada)
        assert (await stage.checked()).findings == ()
        assert stage.token_card.drift == 1.0
