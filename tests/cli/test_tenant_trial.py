"""`oathdesk doctor --trial` at a terminal: what it asks, its exit codes, what its report holds."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.cli import tenant_trial as tenant_trial_cli
from app.cli.tenant_trial import AGAIN, DIFFERENT, NOTHING, SAME
from app.core.trial_journal import JOURNAL
from app.ledger.shelf import FileShelf
from tests.cli.test_doctor import NAMES, PASSWORD, USER, Place
from tests.doctor.clinic import Clinic
from tests.journeys.program import ROOT
from tests.support.patience import HANG_SECONDS
from tests.support.proxy import Front, Tunnel, named_as
from tests.support.simulated import DANA, Simulated, device_login, start_simulator
from tests.support.trials import LeapingClock, Trials

pty = pytest.importorskip("pty", reason="a terminal as POSIX knows it")

YES_TO_ALL = "y\n" * 60


@pytest.fixture(scope="module")
def tenant() -> Iterator[Simulated]:
    with start_simulator(people=260, tokens=40) as simulated:
        yield simulated


class Desk:
    """A station in this process, whose standard input is a terminal that somebody types at."""

    def __init__(self, clinic: Clinic, trials: Trials, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clinic = clinic
        self.trials = trials
        self.config = replace(clinic.config, clock=trials.clock)
        self.report = trials.folder / "report" / "trial.json"
        self._mine, self._theirs = pty.openpty()
        terminal = os.fdopen(self._theirs, "r", encoding="utf-8", closefd=False)
        monkeypatch.setattr(sys, "stdin", terminal)
        monkeypatch.setattr(tenant_trial_cli, "_prompt", clinic._at_another_device)

    def close(self) -> None:
        os.close(self._mine)
        os.close(self._theirs)

    def run(self, *words: str, typed: str = YES_TO_ALL, person: str = "") -> int:
        parser = ArgumentParser()
        tenant_trial_cli.add_arguments(parser)
        named = person or self.trials.target.user_principal_name
        about = ("--trial", "--person", named, "--report", str(self.report))
        os.write(self._mine, typed.encode())
        return tenant_trial_cli.run_from(parser.parse_args([*about, *words]), self.config)

    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.report.read_text(encoding="utf-8"))
        return found

    def journal(self) -> str:
        return FileShelf(self.config.ledger_file.parent).kept(JOURNAL)


@pytest.fixture
def desk(tenant: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    trials = Trials(tenant, tmp_path)
    for name in [each for each in os.environ if each.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with ExitStack() as ends:
        clinic = Clinic(tenant, tmp_path, ends, monkeypatch)
        desk = Desk(clinic, trials, monkeypatch)
        ends.callback(desk.close)
        yield desk
    assert trials.everything() == trials.at_first


def test_the_report_says_what_was_found_and_names_nobody(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.run() == SAME
    report, text = desk.told(), desk.report.with_suffix(".txt").read_text(encoding="utf-8")
    assert report["counts"]["different"] == report["counts"]["not_answered"] == 0
    assert (report["left_behind"], report["ended_early"], desk.journal()) == ([], False, "")
    assert "Answers to what no document says" in text
    assert "duplicate.answer: refused (400 badRequest)" in text
    target, ready = desk.trials.target, desk.clinic.tenant.ready
    operator = desk.clinic.tenant.operator(DANA)
    names = (
        *target.display_name.split(),
        target.user_principal_name,
        target.id,
        ready.tenant_id,
        ready.client_id,
        *operator.display_name.split(),
        operator.username,
        operator.password,
    )
    whole = json.dumps(report, ensure_ascii=False) + text
    assert [name for name in names if name in whole] == []
    for file in (desk.report, desk.report.with_suffix(".txt")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    said = capsys.readouterr()
    assert str(desk.report) in said.out
    assert "Every write is asked for." in said.err


def test_whoever_wants_names_in_the_report_gets_them(desk: Desk) -> None:
    assert desk.run("--keep-names", "--steps", "policy") == SAME
    assert desk.told()["tenant"] == desk.clinic.tenant.ready.tenant_id


def test_a_difference_is_the_exit_code(desk: Desk) -> None:
    desk.clinic.tenant.fault(
        "unknown_member",
        match={"method": "GET", "path": r"/hardwareOathDevices/[^/]+$"},
        times=1000,
    )
    assert desk.run("--steps", "assign") == DIFFERENT
    assert desk.told()["counts"]["different"] == 1


def test_saying_no_leaves_a_question_open_and_that_is_the_exit_code_too(desk: Desk) -> None:
    assert desk.run("--steps", "upload", typed="maybe\nn\n") == DIFFERENT
    assert desk.told()["counts"]["not_answered"] > 0


def test_ending_the_input_undoes_everything_and_the_same_command_goes_on(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = "y\n" * 4 + "\x04"  # Ctrl+D
    assert desk.run("--steps", "upload,duplicate,assign,held", typed=answers) == DIFFERENT
    assert desk.trials.everything() == desk.trials.at_first
    assert desk.told()["ended_early"]
    assert "goes on with it" in capsys.readouterr().err
    assert desk.run("--steps", "upload,duplicate,assign,held") == SAME
    asked = capsys.readouterr().err
    assert "has answered 3 of 15 steps. Go on with it?" in asked
    assert "a second time" not in asked
    assert desk.journal() == ""


class InterruptedClock(LeapingClock):
    """Somebody presses Ctrl+C while the trial waits for the directory."""

    pressed = False

    async def sleep(self, seconds: float) -> None:
        if not self.pressed:
            self.pressed = True
            os.kill(os.getpid(), signal.SIGINT)
        await super().sleep(seconds)


def test_ctrl_c_between_two_questions_undoes_everything(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.config = replace(desk.config, clock=InterruptedClock())
    assert desk.run("--steps", "upload,assign") == DIFFERENT
    assert desk.trials.everything() == desk.trials.at_first
    assert desk.told()["ended_early"]
    assert "is being undone" in capsys.readouterr().err


def test_a_report_that_cannot_be_written_is_written_by_the_next_one_without_a_write(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk.trials.folder / "report").write_text("a file where a folder belongs", encoding="utf-8")
    assert desk.run("--steps", "upload") == AGAIN
    assert desk.trials.everything() == desk.trials.at_first
    (desk.trials.folder / "report").unlink()
    capsys.readouterr()
    assert desk.run("--steps", "upload", typed="y\n") == SAME
    assert "throw-away" not in capsys.readouterr().err


def test_what_is_left_is_named_and_undone_by_the_same_command(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    matching = {"method": "DELETE", "path": "/hardwareOathDevices/"}
    desk.clinic.tenant.fault("gateway_timeout", match=matching, times=1000)
    assert desk.run("--steps", "upload", typed="y\n") == AGAIN
    assert len(desk.told()["left_behind"]) == 1
    desk.clinic.tenant.control("DELETE", "/faults")
    assert desk.run("--steps", "upload", typed="n\n") == AGAIN  # not now
    assert "An earlier trial was not undone: OATHDESK-TRIAL-" in capsys.readouterr().err
    assert desk.run("--steps", "upload", typed="y\ny\n") == SAME


def test_it_says_why_it_is_not_begun(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.run(person=DANA) == NOTHING
    assert "is an administrator: " in capsys.readouterr().err
    assert not desk.report.exists()


def test_where_device_codes_are_blocked_it_is_not_begun(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.clinic.tenant.control("POST", "/tenant", {"device_code": "security-defaults"})
    assert desk.run() == NOTHING
    assert "Traceback" not in capsys.readouterr().err


def test_a_damaged_journal_is_told_and_nothing_is_begun(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    FileShelf(desk.config.ledger_file.parent).keep(JOURNAL, "{")
    assert desk.run() == AGAIN
    assert capsys.readouterr().err


def test_without_a_tenant_it_says_where_to_look(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.config = replace(desk.config, authority="")
    assert desk.run() == NOTHING
    assert "oathdesk doctor" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [("--trial",), ("--person", "a@b.example"), ("--trial", "--steps", "everything")],
    ids=["nobody", "no trial", "no such step"],
)
def test_a_command_line_that_makes_no_trial_ends_with_two(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "doctor", *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


# As a process of its own ------------------------------------------------------------------------


class Process:
    """`oathdesk doctor --trial` on a terminal of its own."""

    def __init__(self, place: Place, *words: str) -> None:
        self._place = place
        self._mine, theirs = pty.openpty()
        self.seen = ""
        self.process = subprocess.Popen(
            place.command("--trial", *words),
            cwd=ROOT,
            env={**place.environment, "QT_QPA_PLATFORM": "offscreen"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def await_words(self, words: str) -> None:
        while words not in self.seen:
            try:
                self.seen += os.read(self._mine, 4096).decode()
            except OSError:  # the terminal has nobody at its other end
                raise AssertionError(self.seen) from None

    def answer(self, question: str, typed: str) -> None:
        self.await_words(question)
        self.seen = self.seen.partition(question)[2]
        self.await_words("> ")
        self.seen = self.seen.partition("> ")[2]
        os.write(self._mine, f"{typed}\n".encode())

    def sign_in(self, operator: Any, ca_file: str) -> None:
        self.await_words("open ")
        self.await_words(".\r\n")
        said = self.seen.split()
        url, code = said[said.index("open") + 1], self.seen.split("\r\n")[0].split()[-1].rstrip(".")
        device_login(url, code, operator.username, operator.password, ca_file=ca_file)

    def end(self) -> int:
        while True:
            try:
                more = os.read(self._mine, 4096).decode()
            except OSError:
                break
            if not more:
                break
            self.seen += more
        os.close(self._mine)
        return self.process.wait(HANG_SECONDS)


def test_a_program_that_is_killed_between_two_questions_is_undone_by_the_next_start(
    tenant: Simulated, tmp_path: Path
) -> None:
    tenant.reset()
    trials = Trials(tenant, tmp_path)
    with ExitStack() as ends:
        front = ends.enter_context(Front(tenant.ready.graph_url, tenant.ready.ca_file, *NAMES))
        front.edit = named_as(NAMES[0], tenant.ready.graph_url)
        tunnel = ends.enter_context(Tunnel(front.port, USER, PASSWORD))
        place = Place(tenant, front, tunnel, tmp_path)
        words = (
            "--person", trials.target.user_principal_name,
            "--steps", "upload", "--report", str(tmp_path / "report.json"),
        )  # fmt: skip
        operator, ca_file = tenant.operator(DANA), tenant.ready.ca_file

        killed = Process(place, *words[:3], "upload,duplicate", *words[4:])
        killed.sign_in(operator, ca_file)
        killed.answer("Upload a throw-away token", "y")
        killed.await_words("a second time")
        killed.process.send_signal(signal.SIGKILL)
        assert killed.end() == -signal.SIGKILL
        assert trials.everything() != trials.at_first

        again = Process(place, *words)
        again.sign_in(operator, ca_file)
        again.answer("Undo it now?", "y")
        again.answer("Go on with it?", "y")
        assert again.end() == SAME, again.seen
    assert trials.everything() == trials.at_first
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["counts"]["answer"] > 0
