"""What nobody caught reaches the log, and no secret does: in files, by real processes."""

import base64
import logging
import os
import re
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.eventlog import ERROR, Kind, parse
from app.logs import LOG_NAME, TRACE_NAME, LogFile, file_in_use, kept_in, redact
from tests.conftest import ExpectLog
from tests.fakes.eventlog import FakeEvents
from tests.support.access import is_private, open_to_others
from tests.support.patience import HANG_SECONDS

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SIGN_IN_TOKEN = "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"
BASE32 = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=16, max_size=64).filter(
    lambda text: not text.isdigit()
)
HEX = st.text("0123456789abcdef", min_size=32, max_size=128).filter(lambda text: not text.isdigit())
OPAQUE = st.binary(min_size=30, max_size=90).map(
    lambda raw: base64.urlsafe_b64encode(b"\xfb" + raw).rstrip(b"=").decode()
)
JWT = st.lists(OPAQUE, min_size=1, max_size=3).map(lambda parts: "eyJ" + ".".join(parts))
SECRETS = st.one_of(
    BASE32, BASE32.map(str.lower), HEX, HEX.map(str.upper), JWT, st.just(SIGN_IN_TOKEN)
)
SIX = st.text("0123456789", min_size=6, max_size=6)
CODE_WORDS = st.sampled_from(
    (
        "code {}",
        "code={}",
        "code: '{}'",
        "verificationCode {}",
        '{{"verificationCode": "{}"}}',
        '{{\\"verificationCode\\":\\"{}\\"}}',
        "verification_code={}",
        "VerificationCode='{}'",
        "Code(digits='{}')",
        "the code is {}",
        "{} is not the code",
        "OTP {}",
        "passcode: {}",
    )
)
KEYS = st.sampled_from(
    (
        "secret={}",
        "client_secret={}",
        '"secretKey": "{}"',
        "secretKey='{}'",
        "seed: {}",
        "refresh_token={}",
        "password={}",
        "code_verifier={}",
        "PIN: {}",
    )
)


@given(st.text(), SECRETS, st.text())
def test_a_secret_is_blotted_out_wherever_it_stands(before: str, secret: str, after: str) -> None:
    assert secret not in redact(f"{before} {secret} {after}")


@given(BASE32, st.text())
def test_an_enrollment_address_is_blotted_out(secret: str, after: str) -> None:
    text = redact(f"read otpauth://totp/Contoso:ada?secret={secret}&issuer=Contoso {after}")
    assert secret not in text
    assert "ada" not in text.removesuffix(after)


@given(st.text(), CODE_WORDS, SIX, st.text())
def test_a_code_beside_its_name_is_blotted_out(
    before: str, words: str, code: str, after: str
) -> None:
    assume(code not in before + after)
    assert code not in redact(f"{before} {words.format(code)} {after}")


@given(KEYS, st.text("abcdefghijklmnopqrstuvwxyz0123456789./+-_=", min_size=4))
def test_the_value_of_a_secret_key_is_blotted_out(words: str, value: str) -> None:
    assume(value not in words)
    assert value not in redact(words.format(value))


@given(st.uuids(), st.text("0123456789", min_size=4, max_size=32))
def test_request_ids_and_serial_numbers_pass(request_id: UUID, serial: str) -> None:
    text = f"request-id: {request_id} client-request-id: {request_id} token {serial} assigned"
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "POST /beta/users/48d31887-5fad-4d73-a9f5-3c356e68a038/authentication -> 400 BadRequest",
        'File "app/station/desk.py", line 123456, in resolve_unknown_outcome',
        "UnicodeDecodeError at 123456",
        "signed in: 6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0",
        "AADSTS50076: due to a configuration change made by your administrator",
        "NagraID 306EUO4-00960",
    ],
)
def test_what_support_needs_passes(text: str) -> None:
    assert redact(text) == text


@given(st.text() | SECRETS | KEYS.map(lambda words: words.format(SEED)))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize(
    "letters", ["A", "a", "0", "secret", "eyJ", "code ", "AB12 ", "=", "'", "a1B-"]
)
def test_a_long_text_is_redacted_in_proportion(letters: str) -> None:
    redact(letters * (200_000 // len(letters)))  # the time limit of a test is what would end it


def fault(secret: str) -> None:
    try:
        int(f"otpauth://totp/Ada?secret={secret}")
    except ValueError as error:
        raise RuntimeError(f"no use for {secret}") from error


def test_messages_and_tracebacks_are_redacted_in_the_file(
    tmp_path: Path, expect_log: ExpectLog
) -> None:
    expect_log("ERROR oathdesk.test: it failed")
    log = logging.getLogger("oathdesk.test")
    with kept_in(tmp_path):
        log.info("Authorization: Bearer %s", SIGN_IN_TOKEN)
        try:
            fault(SEED)
        except RuntimeError:
            log.exception("it failed")
    text = (tmp_path / LOG_NAME).read_text("utf-8")
    assert SEED not in text
    assert SIGN_IN_TOKEN not in text
    assert "RuntimeError" in text
    assert "in fault" in text


def test_a_text_from_a_server_cannot_pass_for_another_line(tmp_path: Path) -> None:
    with kept_in(tmp_path):
        logging.getLogger("oathdesk.test").info("%s", "no\n2026-11-23T12:00:00 all is well\x1b[2J")
    lines = (tmp_path / LOG_NAME).read_text("utf-8").splitlines()
    assert lines[1] == "    2026-11-23T12:00:00 all is well\\x1b[2J"


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1d", "\u202e"])
def test_t11_a_name_with_a_line_separator_makes_one_line(tmp_path: Path, end: str) -> None:
    with kept_in(tmp_path):
        logging.getLogger("oathdesk.test").info("the person %s was found", f"Ada{end}Lovelace")
    (line,) = (tmp_path / LOG_NAME).read_text("utf-8").splitlines()
    assert line.endswith(f"the person Ada{repr(end)[1:-1]}Lovelace was found")


def test_this_program_speaks_and_libraries_only_warn(tmp_path: Path, expect_log: ExpectLog) -> None:
    expect_log("WARNING httpx: look here")
    with kept_in(tmp_path):
        logging.getLogger("oathdesk.test").info("we tell")
        logging.getLogger("oathdesk.test").debug("not this")
        logging.getLogger("httpx").info("GET https://graph")
        logging.getLogger("httpx").warning("look here")
    text = (tmp_path / LOG_NAME).read_text("utf-8")
    assert "we tell" in text
    assert "look here" in text
    assert "not this" not in text
    assert "graph" not in text


@pytest.mark.skipif(os.name == "nt", reason="Windows has access lists and no file modes")
def test_the_log_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    with kept_in(folder):
        logging.getLogger("oathdesk.test").info("a line")
    assert stat.S_IMODE((folder / LOG_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_log_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    log = tmp_path / LOG_NAME
    log.touch()
    open_to_others(log)
    assert not is_private(log)
    with kept_in(tmp_path):
        pass
    assert is_private(log)


def test_a_folder_that_cannot_be_made_costs_the_log_and_nothing_else(
    tmp_path: Path, expect_log: ExpectLog
) -> None:
    expect_log("no log can be written")
    expect_log("a hard crash would leave no trace")
    (tmp_path / "file").touch()
    with kept_in(tmp_path / "file" / "logs"):
        assert file_in_use() is None
        logging.getLogger("oathdesk.test").info("work goes on")


def test_everything_is_as_before_afterwards(tmp_path: Path) -> None:
    before = sys.excepthook, sys.unraisablehook, list(logging.getLogger().handlers)
    with kept_in(tmp_path):
        assert file_in_use() == tmp_path / LOG_NAME
    assert (sys.excepthook, sys.unraisablehook, list(logging.getLogger().handlers)) == before
    assert file_in_use() is None


def process(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    """Run `body` in a process of its own that logs into `folder`."""
    script = (
        "import asyncio, logging, os, signal, sys, threading\n"
        "from pathlib import Path\n"
        "from app.logs import kept_in\n"
        f"SEED = {SEED!r}\n"
        "with kept_in(Path(sys.argv[1])):\n"
    ) + textwrap.indent(textwrap.dedent(body), "    ")
    return subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=HANG_SECONDS,
    )


UNCAUGHT = {
    "the main thread": ("raise ValueError('no use for ' + SEED)", 1),
    "another thread": (
        """
        def work():
            raise ValueError('no use for ' + SEED)
        thread = threading.Thread(target=work, name='card')
        thread.start()
        thread.join()
        """,
        0,
    ),
    "a finalizer": (
        """
        class Reader:
            def __del__(self):
                raise ValueError('no use for ' + SEED)
        Reader()
        """,
        0,
    ),
    "a task of a loop": (
        """
        async def work():
            raise ValueError('no use for ' + SEED)
        async def main():
            asyncio.create_task(work())
            await asyncio.sleep(0.01)
        asyncio.run(main())
        """,
        0,
    ),
    "a callback of a loop": (
        """
        def work():
            raise ValueError('no use for ' + SEED)
        async def main():
            asyncio.get_running_loop().call_soon(work)
            await asyncio.sleep(0.01)
        asyncio.run(main())
        """,
        0,
    ),
}


@pytest.mark.parametrize("where", UNCAUGHT)
def test_what_nobody_caught_is_in_the_log_and_on_the_terminal_without_its_secret(
    where: str, tmp_path: Path
) -> None:
    body, code = UNCAUGHT[where]
    done = process(tmp_path, body)
    log = (tmp_path / LOG_NAME).read_text("utf-8")
    assert done.returncode == code, done.stderr
    for text in (log, done.stderr):
        assert "ValueError: no use for ***" in text
        assert SEED not in text


def test_ctrl_c_is_no_crash(tmp_path: Path) -> None:
    process(tmp_path, "raise KeyboardInterrupt")
    assert (tmp_path / LOG_NAME).read_text("utf-8") == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of a process's files")
def test_a_full_disk_neither_stops_the_work_nor_spills_the_record(tmp_path: Path) -> None:
    body = """
    import resource
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
    for _ in range(20):
        logging.getLogger('oathdesk').info('otpauth://totp/Ada?secret=%s', SEED)
    print('work goes on')
    """
    done = process(tmp_path, body)
    assert done.stdout == "work goes on\n"
    assert SEED not in done.stderr
    assert done.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signal for these crashes")
@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT"])
def test_a_hard_crash_leaves_a_trace_that_the_next_run_keeps(name: str, tmp_path: Path) -> None:
    done = process(tmp_path, f"os.kill(os.getpid(), signal.{name})")
    assert done.returncode == -signal.Signals[name]
    trace = tmp_path / TRACE_NAME
    assert "Fatal Python error" in trace.read_text("utf-8")
    assert stat.S_IMODE(trace.stat().st_mode) == 0o600
    again = process(tmp_path, "pass")
    assert "ended in a crash" in again.stderr
    assert trace.read_text("utf-8") == ""
    assert "Fatal Python error" in trace.with_suffix(".previous.log").read_text("utf-8")


def test_times_are_universal(tmp_path: Path) -> None:
    with kept_in(tmp_path):
        logging.getLogger("oathdesk.test").info("now")
    first = (tmp_path / LOG_NAME).read_text("utf-8").partition(" ")[0]
    assert first.endswith("Z")
    assert first[:10] in {time.strftime("%Y-%m-%d", time.gmtime(time.time() - s)) for s in (0, 60)}


def held_by_another_process(file: Path) -> subprocess.Popen[str]:
    """Another process that has `file` open until its standard input closes."""
    code = "import sys; f = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def lines_of(folder: Path) -> list[int]:
    """The numbers of the lines in all files of the log, oldest first."""
    files = [*(folder / f"{LOG_NAME}.{number}" for number in range(5, 0, -1)), folder / LOG_NAME]
    text = "".join(file.read_text("utf-8") for file in files if file.exists())
    return [int(number) for number in re.findall(r"line (\d+) ", text)]


@contextmanager
def a_log_of(folder: Path, largest: int) -> Iterator[logging.Logger]:
    """A logger of its own whose file is followed by a new one after `largest` bytes."""
    handler = LogFile(folder / LOG_NAME, largest)
    log = logging.getLogger(f"oathdesk.{folder.name}")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(handler)
    yield log
    handler.close()


def test_no_line_is_lost_while_another_process_has_the_log_open(tmp_path: Path) -> None:
    # On Windows the file cannot be renamed meanwhile; elsewhere the test says that nothing changed.
    with a_log_of(tmp_path, 10_000) as log:
        log.info("line %d .", 0)
        with held_by_another_process(tmp_path / LOG_NAME) as other:
            for number in range(1, 300):
                log.info("line %d .", number)
            assert other.stdin is not None
            other.stdin.close()
        for number in range(300, 400):
            log.info("line %d .", number)
    assert lines_of(tmp_path) == list(range(400))


def test_the_log_is_bounded_and_its_oldest_lines_go(tmp_path: Path) -> None:
    with a_log_of(tmp_path, 2_000) as log:
        for number in range(400):
            log.info("line %d .", number)
    kept = lines_of(tmp_path)
    assert kept == list(range(kept[0], 400))
    assert kept[0] > 0
    files = sorted(path.name for path in tmp_path.glob(f"{LOG_NAME}*"))
    assert files == [LOG_NAME, *(f"{LOG_NAME}.{number}" for number in range(1, 6))]
    assert max((tmp_path / name).stat().st_size for name in files) <= 2_000


@pytest.mark.expect_log("an error about")
@pytest.mark.expect_log("a warning")
def test_errors_go_to_the_event_log_without_their_secrets(tmp_path: Path) -> None:
    events = FakeEvents()
    with kept_in(tmp_path, events):
        logging.getLogger("oathdesk.test").warning("a warning")
        logging.getLogger("oathdesk.test").error("an error about secret=%s", SEED)
    (entry,) = (each for buffer in events.buffers() for _, each in parse(buffer))
    assert entry.number == ERROR
    assert "ERROR oathdesk.test [MainThread] an error about" in entry.texts[0]
    assert SEED not in entry.texts[0]
    assert events.kinds == [Kind.ERROR]


@pytest.mark.expect_log("an error")
def test_an_event_log_that_refuses_costs_no_line_of_the_file(tmp_path: Path) -> None:
    events = FakeEvents()
    events.broken = True
    with kept_in(tmp_path, events):
        logging.getLogger("oathdesk.test").error("an error")
    assert "an error" in (tmp_path / LOG_NAME).read_text("utf-8")
