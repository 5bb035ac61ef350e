"""Searching people: the last question alone is answered, and a photo is fetched once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from app.core.errors import Evidence, Unreachable
from app.station.people import LONGEST_QUERY, PHOTO_BYTES_KEPT, PhotoNotice, SearchNotice
from tests.fakes.nouns import a_person
from tests.station.stage import DESK, Stage, a_desk

pytestmark = pytest.mark.anyio

AWAY = Unreachable(Evidence())


async def found(stage: Stage, count: int = 1) -> SearchNotice:
    await stage.until(lambda: len(stage.of(SearchNotice)) == count)
    return stage.of(SearchNotice)[-1]


async def test_a_search_tells_whom_it_found() -> None:
    async with a_desk() as stage:
        await stage.station.people.search("ad")
        assert await found(stage) == SearchNotice("ad", (stage.world.ada,))
        assert stage.station.people.known("person-ada") == stage.world.ada


async def test_a_stale_answer_is_never_told() -> None:
    async with a_desk() as stage:
        slow = stage.world.directory.hold("search_people", acts=True)
        await stage.station.people.search("a")
        await slow.reached.wait()
        await stage.station.people.search("be")
        slow.go.set()
        await found(stage)
        await stage.a_moment()
        assert [notice.query for notice in stage.of(SearchNotice)] == ["be"]


@pytest.mark.parametrize("query", ["", "   "])
async def test_an_empty_search_asks_nothing_and_stops_the_one_before(query: str) -> None:
    async with a_desk() as stage:
        slow = stage.world.directory.hold("search_people", acts=True)
        await stage.station.people.search("a")
        await slow.reached.wait()
        await stage.station.people.search(query)
        slow.go.set()
        await stage.a_moment()
        assert stage.of(SearchNotice) == []


async def test_a_search_that_failed_says_why() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("search_people", AWAY)
        await stage.station.people.search("a")
        assert await found(stage) == SearchNotice("a", error=AWAY)


@pytest.mark.parametrize("query", ["'", "%", '"', "x" * 300, "עדה"])
async def test_any_text_is_a_question(query: str) -> None:
    async with a_desk() as stage:
        await stage.station.people.search(query)
        assert await found(stage) == SearchNotice(query)
        assert len(stage.world.directory.calls[-1].arguments[0]) <= LONGEST_QUERY


async def test_the_photos_of_those_found_follow() -> None:
    async with a_desk() as stage:
        await stage.station.people.search("ad")
        await stage.until(lambda: bool(stage.of(PhotoNotice)))
        assert stage.of(PhotoNotice) == [PhotoNotice("person-ada", b"ada")]


@pytest.mark.parametrize("person_id", ["person-ada", "person-ben"])
async def test_a_photo_is_fetched_once_even_where_there_is_none(person_id: str) -> None:
    async with a_desk() as stage:
        await stage.station.people.show_photo(person_id)
        await stage.station.people.show_photo(person_id)
        first, second = stage.of(PhotoNotice)
        assert first == second
        assert stage.world.directory.count("photo") == 1


async def test_a_photo_that_failed_is_none_for_now_and_asked_for_again() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("photo", AWAY)
        await stage.station.people.show_photo("person-ada")
        await stage.station.people.show_photo("person-ada")
        assert [notice.photo for notice in stage.of(PhotoNotice)] == [None, b"ada"]


async def test_one_photo_that_fails_leaves_the_others() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("photo", AWAY)
        await stage.station.people.search("2041")
        await stage.until(lambda: len(stage.of(PhotoNotice)) == 2)


async def test_after_a_sign_out_nobody_is_known() -> None:
    async with a_desk() as stage:
        await stage.station.people.search("ad")
        await found(stage)
        await stage.station.sign_out()
        assert stage.station.people.known("person-ada") is None
        await stage.station.people.show_photo("person-ada")
        assert stage.world.directory.count("photo") >= 1


async def test_t10_the_photos_that_are_kept_are_bounded_in_bytes() -> None:
    async with a_desk() as stage:
        people = stage.station.people
        for number in range(12):
            person = a_person(f"P{number}", str(50_000 + number))
            stage.world.tenant.add_person(person, photo=bytes(1_500_000))
            await people.show_photo(person.id)
            assert people.photo_bytes <= PHOTO_BYTES_KEPT
        assert people.photo_bytes > 0


async def test_t10_a_photo_that_comes_after_they_were_forgotten_is_not_told() -> None:
    async with a_desk() as stage:
        slow = stage.world.directory.hold("photo", acts=True)
        asked = asyncio.ensure_future(stage.station.people.show_photo("person-ada"))
        await slow.reached.wait()
        stage.station.people.forget_photos()
        slow.go.set()
        await asked
        assert stage.of(PhotoNotice) == []
        assert stage.station.people.photo_bytes == 0


async def test_t10_at_a_kiosk_the_next_person_leaves_no_photo_of_the_last() -> None:
    kiosk = replace(DESK, wipe_after=60.0)
    async with a_desk(settings=kiosk) as stage:
        await stage.badge(stage.world.ada)
        await stage.until(lambda: bool(stage.of(PhotoNotice)))
        assert stage.station.people.photo_bytes > 0
        await stage.desk.start_afresh()
        assert stage.station.people.photo_bytes == 0
