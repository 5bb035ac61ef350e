"""All fakes of one test, wired to each other: one clock, one journal, one tenant."""

from app.core.import_ports import SeedFiles
from app.core.model import Person, Token
from app.station.context import Ports
from tests.fakes.clock import FakeClock
from tests.fakes.directory import FakeDirectory
from tests.fakes.journal import Journal
from tests.fakes.ledger import FakeLedger
from tests.fakes.nouns import a_person, a_token
from tests.fakes.practice import FakePractice
from tests.fakes.readers import FakeCards, FakePorts
from tests.fakes.seeds import FakeSeedFiles
from tests.fakes.shelf import FakeShelf
from tests.fakes.sign_in import FakeSignIn
from tests.fakes.tenant import FakeTenant

RIGHT = "041238"
WRONG = "999999"


class FakeWorld:
    """A tenant with two tokens and two people; `token` shows the code RIGHT, `second` too."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.clock = FakeClock()
        self.directory = FakeDirectory(self.clock, self.journal)
        self.sign_in = FakeSignIn(self.clock)
        self.ledger = FakeLedger(self.journal)
        self.shelf = FakeShelf()
        self.cards = FakeCards()
        self.ports = FakePorts()
        self.seeds = FakeSeedFiles()
        self.real_seeds: SeedFiles | None = None
        """Reads files of the disk where a test wants that."""
        self.practice = FakePractice(self.tenant, self.sign_in)
        self.token: Token = self.tenant.add_token(a_token("86590001"), RIGHT)
        self.second: Token = self.tenant.add_token(a_token("86590002"), RIGHT)
        self.ada: Person = self.tenant.add_person(a_person("Ada", "20417"), photo=b"ada")
        self.ben: Person = self.tenant.add_person(a_person("Ben", "20418"))

    @property
    def tenant(self) -> FakeTenant:
        return self.directory.tenant

    @property
    def station_ports(self) -> Ports:
        return Ports(
            self.directory,
            self.sign_in,
            self.ledger,
            self.clock,
            cards=self.cards,
            scanners=self.ports,
            seeds=self.real_seeds or self.seeds,
            shelf=self.shelf,
        )
