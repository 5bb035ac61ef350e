"""A practice kiosk's browser gets policies of its own; the machine's own stay as they are.

A stand-in takes Chromium's place: it notes what it finds where Chromium looks for its policies.
"""

import asyncio
import os
from pathlib import Path

import pytest

from app.browser import practice
from app.browser.confined import ConfinedBrowser
from app.browser.policy import Wanted, as_json, policies
from app.browser.practice import practice_browser
from app.core.errors import BrowserNotConfined
from app.core.signin import ScreenArea, Unconfined
from tests.browser.stand_in import NEEDED
from tests.support.patience import HANG_SECONDS

pytestmark = pytest.mark.skipif(bool(NEEDED), reason=NEEDED)

WANTED = Wanted(("localhost:50443",))
SEEN = Path("/etc/chromium/policies/managed/practice.json")
LOOKS = f"""\
#!/bin/sh
# It reads its policies from /etc/chromium/policies, as Chromium does.
cat {SEEN} >"$HOME/../seen.part" 2>&1 || cat {SEEN}
id -u >"$HOME/../user"
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that notes its policies and its user beside its profile, and ends."""
    notes = tmp_path / "notes"
    notes.mkdir()
    notes.chmod(0o777)
    tmp_path.chmod(0o755)
    made = tmp_path / "chromium"
    made.write_text(LOOKS.replace('"$HOME/../', f'"{notes}/').replace(".part", ""), "utf-8")
    made.chmod(0o755)
    for folder in tmp_path.parents:  # the user nobody has to come here
        if folder.owner() == Path.home().owner() and folder.stat().st_mode & 0o005 != 0o005:
            folder.chmod(folder.stat().st_mode | 0o005)
    return made


def made_here(folder: Path, program: Path) -> ConfinedBrowser:
    try:
        return practice_browser(WANTED, folder, program)
    except BrowserNotConfined as error:
        if error.why is Unconfined.NOT_POSSIBLE:
            pytest.skip(f"needs user namespaces and a folder /etc/chromium: {error}")
        raise


def test_the_browser_reads_the_practice_policies_where_the_machine_has_its_own(
    tmp_path: Path, program: Path
) -> None:
    before = sorted(SEEN.parents[2].rglob("*"))
    browser = made_here(tmp_path / "demo", program)

    async def shown() -> None:
        async with browser.showing("https://localhost:50443/", ScreenArea()) as window:
            await asyncio.wait_for(window.closed(), HANG_SECONDS)

    asyncio.run(shown())
    assert (tmp_path / "notes" / "seen").read_text("utf-8") == as_json(policies(WANTED))
    assert sorted(SEEN.parents[2].rglob("*")) == before


def test_it_runs_as_an_ordinary_user(tmp_path: Path, program: Path) -> None:
    browser = made_here(tmp_path / "demo", program)

    async def shown() -> None:
        async with browser.showing("https://localhost:50443/", ScreenArea()) as window:
            await asyncio.wait_for(window.closed(), HANG_SECONDS)

    asyncio.run(shown())
    expected = os.geteuid() or 65534
    assert int((tmp_path / "notes" / "user").read_text("ascii")) == expected


def test_without_chromium_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(BrowserNotConfined) as caught:
        practice_browser(WANTED, tmp_path / "demo", tmp_path / "chromium")
    assert caught.value.why is Unconfined.NO_PROGRAM


def test_a_machine_that_permits_no_namespace_is_told_in_its_own_words(
    tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = tmp_path / "unshare"
    refusing.write_text("#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setattr(practice, "UNSHARE", str(refusing))
    with pytest.raises(BrowserNotConfined, match="Operation not permitted") as caught:
        practice_browser(WANTED, tmp_path / "demo", program)
    assert caught.value.why is Unconfined.NOT_POSSIBLE
