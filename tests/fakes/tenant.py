"""The state behind FakeDirectory: who holds which token, and what a reader sees of it yet."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from app.core.access_pass import AccessPass, PassPolicy
from app.core.model import (
    HeldRole,
    Method,
    Person,
    Policy,
    PolicyState,
    Protection,
    SignInRules,
    Token,
    TokenStatus,
)
from app.core.seed import SeedToken
from tests.fakes.nouns import EVERYONE, hardware_method, holder_of

NOTHING_BLOCKS = SignInRules(security_defaults=False, blocking=())
"""No policy keeps the device code flow out."""

PASSES = PassPolicy(PolicyState.ENABLED, 60, 480, 60, once=False)
"""What a tenant has that switched passes on and changed nothing else."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How late a write is seen: after so many looks at the holder's tokens, and so many seconds."""

    looks: int = 0
    seconds: float = 0


@dataclass(slots=True)
class _Version:
    """The inventory as one write left it."""

    tokens: dict[str, Token]
    written: datetime
    looks: int = 0


@dataclass(slots=True)
class FakeTenant:
    """People, tokens and codes. `tokens` is the truth; `seen` is what a reader is told of it.

    A look, for the lag, is one read of somebody's hardware tokens; other reads use no look up.
    """

    people: dict[str, Person] = field(default_factory=dict)
    other_methods: dict[str, tuple[Method, ...]] = field(default_factory=dict)
    photos: dict[str, bytes] = field(default_factory=dict)
    roles: dict[str, tuple[HeldRole, ...]] = field(default_factory=dict)
    protections: dict[str, tuple[Protection, ...]] = field(default_factory=dict)
    badges: dict[str, str] = field(default_factory=dict)
    """Badge number by person id; who is not here has their employee number on the badge."""
    policy: Policy = EVERYONE
    sign_in_rules: SignInRules = NOTHING_BLOCKS
    pass_policy: PassPolicy = PASSES
    passes: dict[str, AccessPass] = field(default_factory=dict)
    """The truth about passes by person id; a reader sees one once `pass_lag` is over."""
    pass_lag: float = 0.0
    """Seconds."""
    lag: Lag = Lag()
    leaves_assigned: bool = False
    """Whether a wrong code in assign-and-activate leaves the token assigned."""
    legacy: set[str] = field(default_factory=set)
    """Ids of tokens of the older store: people have them, and the inventory does not."""
    inlines_device: bool = True
    """Whether a person's method shows its device."""
    own_method_ids: bool = False
    """Whether a method has an id of its own even where it does not show its device."""
    _codes: dict[str, str] = field(default_factory=dict, repr=False)
    _versions: list[_Version] = field(default_factory=list)

    @property
    def tokens(self) -> dict[str, Token]:
        return self._versions[-1].tokens if self._versions else {}

    def add_person(self, person: Person, *methods: Method, photo: bytes | None = None) -> Person:
        self.people[person.id] = person
        self.other_methods[person.id] = methods
        if photo is not None:
            self.photos[person.id] = photo
        return person

    def add_token(self, token: Token, code: str = "") -> Token:
        """Put a token into the inventory, visible at once; `code` is the one it shows."""
        for version in self._versions or [self._begin()]:
            version.tokens = {**version.tokens, token.device_id: token}
        self._codes[token.device_id] = code
        return token

    def remove_token(self, device_id: str) -> None:
        for version in self._versions:
            version.tokens = {k: v for k, v in version.tokens.items() if k != device_id}

    def shows(self, device_id: str, code: str) -> None:
        """From now on the token shows `code`, and no other is right."""
        self._codes[device_id] = code

    def is_right(self, device_id: str, code: str) -> bool:
        return code != "" and self._codes.get(device_id) == code

    def give(
        self, device_id: str, person: Person, at: datetime, *, activated: bool, name: str = ""
    ) -> None:
        """Let `person` hold the token, called `name` where one is given, once the lag is over."""
        status = TokenStatus.ACTIVATED if activated else TokenStatus.ASSIGNED
        held = replace(self.tokens[device_id], holder=holder_of(person), status=status)
        if name:
            held = replace(held, display_name=name)
        self._write(held, at)

    def take_back(self, device_id: str, at: datetime) -> None:
        """Let nobody hold the token, seen once the lag is over."""
        self._write(replace(self.tokens[device_id], holder=None, status=TokenStatus.AVAILABLE), at)

    def delete(self, device_id: str, at: datetime) -> None:
        """Let the inventory list the token no more, once the lag is over."""
        kept = {key: token for key, token in self.tokens.items() if key != device_id}
        self._versions.append(_Version(kept, at, self.lag.looks))

    def create(self, made: SeedToken, person: Person | None, at: datetime) -> None:
        """Let the inventory list a new token, `person`'s where told, once the lag is over."""
        status = TokenStatus.AVAILABLE if person is None else TokenStatus.ASSIGNED
        holder = None if person is None else holder_of(person)
        token = Token(
            f"device-{made.serial}",
            made.serial,
            made.manufacturer,
            made.model,
            interval=made.interval,
            hash_function=made.hash_function,
            status=status,
            holder=holder,
        )
        self._write(token, at)

    def held_by(self, person_id: str) -> list[Token]:
        """The truth about who holds what."""
        return [t for t in self.tokens.values() if t.holder and t.holder.id == person_id]

    def seen(self, now: datetime) -> dict[str, Token]:
        """The inventory as a reader is told at `now`."""
        visible: dict[str, Token] = {}
        for version in self._versions:
            if self._is_visible(version, now):
                visible = version.tokens
        return visible

    def look(self, person_id: str, now: datetime) -> tuple[Method, ...]:
        """A person's hardware tokens as a reader is told; each such look uses up one of the lag."""
        methods = tuple(
            self.method(token)
            for token in self.seen(now).values()
            if token.holder is not None and token.holder.id == person_id
        )
        for version in self._versions:
            version.looks -= 1
        return methods

    def method(self, token: Token) -> Method:
        """The token as its holder's methods show it."""
        method = hardware_method(token)
        if self.inlines_device:
            return method
        return replace(method, id=method.id if self.own_method_ids else token.device_id, token=None)

    def _is_visible(self, version: _Version, now: datetime) -> bool:
        late = version.written + timedelta(seconds=self.lag.seconds)
        return version.looks <= 0 and now >= late

    def _begin(self) -> _Version:
        self._versions.append(_Version({}, datetime.min.replace(tzinfo=UTC)))
        return self._versions[0]

    def _write(self, token: Token, at: datetime) -> None:
        tokens = {**self.tokens, token.device_id: token}
        self._versions.append(_Version(tokens, at, self.lag.looks))
