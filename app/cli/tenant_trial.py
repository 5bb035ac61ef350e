"""`oathdesk doctor --trial`: what no document says about a tenant's tokens, found out with care.

It asks at the terminal before each write, undoes what it did, and writes two files: a report for
programs and the same for people, without names and identifiers. The exit code is 0 where everything
was answered and nothing differs from the documents, 1 where something differs or is not answered, 2
where nothing was begun, 3 where a station is running, and 4 where the same command has to be given
again: something is not undone, or the report is not written.
"""

import argparse
import asyncio
import json
import signal
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final

from app import __version__, compose
from app.cli.terminal import can_ask
from app.core.code import InvalidCode, VerificationCode, parse_code
from app.core.errors import (
    DirectoryError,
    ExportFailed,
    LedgerError,
    OathdeskError,
    SignInError,
)
from app.core.model import Operator, Person, Token
from app.core.ports import DevicePrompt
from app.core.rights import NEEDS, ROLE_NAMES, Feature
from app.core.tenant_trial import (
    FACTS,
    FORMAT,
    NOT_TRIED,
    STEPS,
    Consent,
    Finding,
    Step,
    Verdict,
    Write,
    count,
    steps_for,
)
from app.core.text import printable
from app.core.trial_journal import Journal, Redaction, Touched, names_of, plain_finding
from app.settings.places import documents_folder
from app.station.tenant_trial import NotAdmitted, Outcome, TenantTrial
from app.station.trial_work import TrialPatience
from app.station_config import StationConfig

SAME, DIFFERENT, NOTHING, AGAIN = 0, 1, 2, 4

_FEATURES: Final = (
    Feature.ASSIGN,
    Feature.READ_POLICY,
    Feature.READ_ROLES,
    Feature.READ_GROUPS,
    Feature.WRITE_INVENTORY,
)
_WIDTH: Final = 100
_VERDICTS: Final = {
    Verdict.DIFFERENT: "Different from what is documented",
    Verdict.ANSWER: "Answers to what no document says",
    Verdict.AS_DOCUMENTED: "As documented",
    Verdict.NOT_ANSWERED: "Not answered",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options on the parser of `doctor`."""
    trial = parser.add_argument_group(
        "trial",
        "Finds out what no document says about hardware tokens in this tenant. It asks before each "
        "write, undoes what it did, and writes a report without names. Exit code: 0 all answered "
        "as documented, 1 something differs or is not answered, 2 nothing was begun, 3 a station "
        "is running, 4 give the same command again: something is not undone or not written.",
    )
    trial.add_argument("--trial", action="store_true", help="carry out the trial")
    trial.add_argument(
        "--person",
        default="",
        metavar="USER",
        help="the test person, by user name or object id: no administrator, without hardware token",
    )
    trial.add_argument(
        "--token",
        default="",
        metavar="SERIAL",
        help="a spare token in stock, to be handed out and taken back; default: one that the trial "
        "uploads and deletes",
    )
    trial.add_argument(
        "--steps",
        type=_steps,
        default=tuple(STEPS.values()),
        metavar="NAME,...",
        help="carry out these and what they rest on: " + ", ".join(STEPS),
    )
    trial.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="write the report here, as JSON, and for people beside it as .txt; default: in your "
        "documents",
    )
    trial.add_argument(
        "--keep-names",
        action="store_true",
        help="leave names, user names and identifiers in the report",
    )


def _steps(text: str) -> tuple[Step, ...]:
    try:
        return steps_for(name.strip() for name in text.split(","))
    except KeyError as unknown:
        raise argparse.ArgumentTypeError(f"there is no step {unknown}") from None


def run_from(
    given: argparse.Namespace, config: StationConfig, patience: TrialPatience | None = None
) -> int:
    """Carry out the trial of the tenant of `config`; return the exit code."""
    if not given.person:
        return _complain("A trial needs a test person: --person USER.", NOTHING)
    if not can_ask():
        return _complain("A trial asks before each write. Start it at a terminal.", NOTHING)
    config = replace(config, scopes=_with_rights(config.scopes))
    cloud = compose.cloud_of(config)
    if not isinstance(cloud, compose.OpenCloud):
        said = "No tenant is configured, or the way to it is not. `oathdesk doctor` says more."
        return _complain(said, NOTHING)
    terminal = Terminal()
    try:
        with terminal.listening():
            return asyncio.run(_Session(given, config, cloud, terminal, patience).carry_out())
    except KeyboardInterrupt:
        return _complain("Ended. Nothing was written.", NOTHING)


def _with_rights(scopes: Sequence[str]) -> tuple[str, ...]:
    """Return `scopes` with what the trial needs; what has no consent is left out."""
    needed = [
        NEEDS[feature].scopes[0]
        for feature in _FEATURES
        if not set(scopes) & set(NEEDS[feature].scopes)
    ]
    return tuple(dict.fromkeys((*scopes, *needed)))


# The terminal -----------------------------------------------------------------------------------


class Terminal:
    """core.tenant_trial.Examiner at the terminal.

    While something may have been written (`working`), Ctrl+C ends the trial at the next safe point,
    so that it is undone; before that it ends the program.
    """

    def __init__(self) -> None:
        self.working = False
        self._stopped = False
        self._asking = False

    @property
    def stopped(self) -> bool:
        return self._stopped

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl+C as the wish to end the trial; what was written is undone first."""
        before = signal.signal(signal.SIGINT, self._interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        if self._asking or not self.working:
            raise KeyboardInterrupt
        self._stopped = True
        self.tell("Ending the trial. What it did is being undone.")

    def agree(self, write: Write, question: str) -> Consent:
        self.tell(f"  {question}")
        self.tell(f"    {write.undone}")
        answers = {"y": Consent.YES, "yes": Consent.YES, "n": Consent.NO, "no": Consent.NO}
        while True:
            typed = self.typed("    y: yes, n: leave this step out, q: undo and end > ").lower()
            if typed in {"q", "quit"} or self._stopped:
                self._stopped = True
                return Consent.STOP
            if typed in answers:
                return answers[typed]

    def confirm(self, question: str) -> bool:
        """Ask a question that is no write; False for no and for the end of the trial."""
        self.tell(question)
        while True:
            typed = self.typed("    y: yes, n: no > ").lower()
            if typed in {"n", "no", "q"} or self._stopped:
                return False
            if typed in {"y", "yes"}:
                return True

    def code(self, serial: str) -> VerificationCode | None:
        import getpass  # noqa: PLC0415 - only where a spare token was named

        while not self._stopped:
            prompt = f"    The code that the token {serial} shows now (it is not shown here) > "
            typed = self._asked(partial(getpass.getpass, prompt, sys.stderr))
            try:
                return parse_code(typed) if typed else None
            except InvalidCode:
                self.tell("    That is no code of six digits.")
        return None

    def tell(self, text: str) -> None:
        _say(text)

    def typed(self, prompt: str) -> str:
        """Return what the person types; "" and `stopped` where they end the input."""
        sys.stderr.write(prompt)
        sys.stderr.flush()
        return self._asked(_line).strip()

    def _asked(self, read: Any) -> str:
        self._asking = True
        try:
            return str(read())
        except (KeyboardInterrupt, EOFError):
            self._stopped = True
            sys.stderr.write("\n")
            return ""
        finally:
            self._asking = False


def _line() -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


# The session ------------------------------------------------------------------------------------


class _Session:
    """One command: from the sign-in to the report."""

    def __init__(
        self,
        given: argparse.Namespace,
        config: StationConfig,
        cloud: compose.OpenCloud,
        terminal: Terminal,
        patience: TrialPatience | None,
    ) -> None:
        from app.ledger.shelf import FileShelf  # noqa: PLC0415 - not needed for the window's start

        self._given = given
        self._config = config
        self._cloud = cloud
        self._terminal = terminal
        self._trial = TenantTrial(
            cloud.trial,
            cloud.directory,
            config.clock,
            FileShelf(config.ledger_file.parent),
            terminal,
            patience or TrialPatience(),
        )

    async def carry_out(self) -> int:
        """Return the exit code."""
        try:
            return await self._carry_out()
        except NotAdmitted as why:
            return _complain(f"The trial is not begun: {why}.", NOTHING)
        except (DirectoryError, SignInError, LedgerError) as error:
            return _complain(_sentence(error), self._code_of_left())
        finally:
            await self._cloud.close()

    def _code_of_left(self) -> int:
        """Return AGAIN where the journal names what is not undone, and say so."""
        try:
            journal = self._trial.left_over()
        except LedgerError as error:
            return _complain(_sentence(error), AGAIN)
        if journal is None or not journal.open:
            return NOTHING
        return _complain(_left_words(journal.open), AGAIN)

    async def _carry_out(self) -> int:
        operator = await compose.enter(self._cloud, _prompt)
        earlier = self._trial.left_over()
        if earlier is not None and earlier.open:
            earlier = await self._undone(earlier)
            if earlier is None:
                return AGAIN
        person, spare = await self._trial.admit(self._given.person, self._given.token)
        journal = self._continued(earlier, person, spare) or self._trial.begin(person, spare)
        self._introduce(person)
        self._terminal.working = True
        outcome = await self._trial.run(journal, person, spare, self._given.steps)
        return self._ended(outcome, operator, journal.began)

    async def _undone(self, earlier: Journal) -> Journal | None:
        """Undo what an earlier trial left; None where the person does not want to, or it fails."""
        names = ", ".join(each.serial for each in earlier.open)
        self._terminal.tell(f"An earlier trial was not undone: {names}.")
        if not self._terminal.confirm("Undo it now?"):
            _say(_left_words(earlier.open))
            return None
        self._terminal.working = True
        journal = await self._trial.undo(earlier)
        if journal.open:
            _say(_left_words(journal.open))
            return None
        self._terminal.tell("It is undone.")
        return journal

    def _continued(
        self, earlier: Journal | None, person: Person, spare: Token | None
    ) -> Journal | None:
        """Return the journal of an earlier trial, where it is gone on with."""
        if earlier is None or not earlier.answered:
            return None
        serial = spare.serial_number if spare else ""
        if (earlier.person_id, earlier.spare) != (person.id, serial):
            return None
        done, steps = len(earlier.answered), len(STEPS)
        question = f"An earlier trial has answered {done} of {steps} steps. Go on with it?"
        return earlier if self._terminal.confirm(question) else None

    def _introduce(self, person: Person) -> None:
        tell = self._terminal.tell
        tell(f"Test person: {person.display_name} ({person.user_principal_name}).")
        tell(f"Spare token: {self._given.token or 'none, the trial uploads one of its own'}.")
        tell("Every write is asked for. Entries in the tenant's audit log stay. Ctrl+C ends it.")

    def _ended(self, outcome: Outcome, operator: Operator, began: str) -> int:
        report = self._report(outcome, operator, began)
        try:
            file = self._written(report)
        except ExportFailed as error:
            _say(f"The report cannot be written: {error}.")
            return AGAIN
        self._trial.finish(outcome)
        sys.stdout.write(f"The report is in {printable(str(file))} and beside it as text.\n")
        if outcome.left:
            return _complain(_left_words(outcome.left), AGAIN)
        if outcome.stopped:
            _say("The trial was ended. The same command goes on with it.")
        told = outcome.findings
        sound = not count(told, Verdict.DIFFERENT) and not count(told, Verdict.NOT_ANSWERED)
        return SAME if sound else DIFFERENT

    # The report ---------------------------------------------------------------------------------

    def _report(self, outcome: Outcome, operator: Operator, began: str) -> dict[str, Any]:
        redaction = Redaction(self._names(outcome, operator), self._given.keep_names)
        findings = [redaction.finding(each) for each in outcome.findings]
        person, spare = outcome.person, outcome.spare
        roles = operator.roles
        return {
            "format": FORMAT,
            "program": f"Oathdesk {__version__}",
            "began": began,
            "ended": self._config.clock.now().isoformat(timespec="seconds"),
            "cloud": self._config.desk.cloud.value,
            "tenant": redaction.of(self._tenant) or "<tenant>",
            "operator": {
                "application": operator.application,
                "roles": None if roles is None else sorted(ROLE_NAMES[each] for each in roles),
                "permissions": sorted(operator.scopes),
            },
            "person": {
                "guest": person.guest if person else None,
                "enabled": person.enabled if person else None,
            },
            "token": "spare" if spare else "of the trial's own",
            "counts": {each.value: count(findings, each) for each in Verdict},
            "findings": [_plain(each) for each in findings],
            "left_behind": [redaction.of(each.serial) for each in outcome.left],
            "ended_early": outcome.stopped,
            "not_tried": [{"what": what, "why": why} for what, why in NOT_TRIED],
        }

    @property
    def _tenant(self) -> str:
        return self._config.authority.rpartition("/")[2]

    def _names(self, outcome: Outcome, operator: Operator) -> Mapping[str, str]:
        """Return what names somebody or something here, and what stands in its place."""
        known: dict[str, str] = {self._tenant: "<tenant>", self._config.client_id: "<application>"}
        for name in (operator.id, operator.user_principal_name, *names_of(operator.display_name)):
            known[name] = "<operator>"
        person, spare = outcome.person, outcome.spare
        if person is not None:
            own = (person.id, person.user_principal_name, person.mail, person.employee_id)
            for name in (*own, *names_of(person.display_name)):
                known[name] = "<person>"
        if spare is not None:
            known |= {spare.serial_number: "<token>", spare.device_id: "<token>"}
        return {name: mask for name, mask in known.items() if name}

    def _written(self, report: Mapping[str, Any]) -> Path:
        from app.ledger.shelf import FileShelf  # noqa: PLC0415 - not needed for the window's start

        moment = self._config.clock.now().strftime("%Y%m%d-%H%M%S")
        file = self._given.report or documents_folder() / f"tenant-trial-{moment}.json"
        shelf = FileShelf(file.parent)
        text = json.dumps(report, ensure_ascii=False, indent=1)
        shelf.export(str(file), (text, "\n"), "utf-8")
        lines = (f"{line}\n" for line in as_lines(report))
        shelf.export(str(file.with_suffix(".txt")), lines, "utf-8")
        return Path(file)


def _plain(finding: Finding) -> dict[str, object]:
    fact = FACTS[finding.fact]
    plain = plain_finding(finding)
    plain["evidence"] = plain.pop("rows")
    return plain | {"reference": fact.reference, "documented": fact.says}


def as_lines(report: Mapping[str, Any]) -> list[str]:
    """Return the report for people: what differs first, then answers, then the rest."""
    operator = report["operator"]
    roles = operator["roles"]
    lines = [
        f"Trial of a tenant's hardware OATH tokens, {report['program']}",
        f"Began {report['began']}, ended {report['ended']}",
        f"Tenant: {report['tenant']} ({report['cloud']})",
        f"Roles: {', '.join(roles) if roles else 'none, or not read'}",
        f"Permissions: {', '.join(operator['permissions']) or 'not told'}",
        f"Token: {report['token']}",
    ]
    if report["left_behind"]:
        lines.append(f"Not undone: {', '.join(report['left_behind'])}")
    for verdict, title in _VERDICTS.items():
        found = [each for each in report["findings"] if each["verdict"] == verdict.value]
        if found:
            lines += ["", f"{title}: {len(found)}", ""]
            for each in found:
                lines += _lines_of(each)
    lines += ["", "Not tried", ""]
    lines += [f"  {each['what']}: {each['why']}" for each in report["not_tried"]]
    return [printable(line) for line in lines]


def _lines_of(finding: Mapping[str, Any]) -> list[str]:
    head = f"  {finding['fact']}: {finding['observed']}"
    said = f"documented ({finding['reference']}): {finding['documented']}"
    rows = [f"      {label}: {value}" for label, value in finding["evidence"]]
    wrapped = textwrap.wrap(said, _WIDTH, initial_indent="      ", subsequent_indent="        ")
    return [head, *wrapped, *rows]


# Speaking ---------------------------------------------------------------------------------------


def _prompt(prompt: DevicePrompt) -> None:
    from app.ui.wording.doctor import device_words  # noqa: PLC0415 - loads Qt

    _say(device_words(prompt))


def _left_words(left: Sequence[Touched]) -> str:
    names = ", ".join(each.serial for each in left)
    return f"Not known to be undone: {names}. The same command undoes it when it is given again."


def _sentence(error: OathdeskError) -> str:
    from app.ui.wording.errors import trouble  # noqa: PLC0415 - loads Qt

    said = trouble(error)
    return f"{said.sentence} {said.advice}".strip()


def _complain(words: str, code: int) -> int:
    _say(words)
    return code


def _say(words: str) -> None:
    sys.stderr.write("".join(f"{printable(line)}\n" for line in words.splitlines()))
    sys.stderr.flush()
