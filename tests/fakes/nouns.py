"""People, tokens and operators to fill a test with, each told apart by one short name."""

from app.core.model import (
    Holder,
    Method,
    MethodKind,
    Migration,
    Operator,
    Person,
    Policy,
    PolicyState,
    Role,
    Token,
    TokenStatus,
)

SCOPE = "UserAuthenticationMethod.ReadWrite.All"
EVERYONE = Policy(PolicyState.ENABLED, everyone=True, migration=Migration.COMPLETE)


def a_person(name: str = "Ada", number: str = "20417") -> Person:
    """A member of the tenant, free of anything that stands in the way."""
    small = name.casefold()
    return Person(
        id=f"person-{small}",
        display_name=name,
        user_principal_name=f"{small}@example.com",
        employee_id=number,
        enabled=True,
        guest=False,
    )


def a_token(serial_number: str = "86590001", interval: int = 30) -> Token:
    """An available token of the inventory."""
    return Token(
        device_id=f"device-{serial_number}",
        serial_number=serial_number,
        manufacturer="Example Works",
        model="T1",
        interval=interval,
        status=TokenStatus.AVAILABLE,
    )


def an_operator(name: str = "Olu") -> Operator:
    """Somebody who may assign tokens."""
    return Operator(
        id=f"operator-{name.casefold()}",
        display_name=name,
        user_principal_name=f"{name.casefold()}@example.com",
        roles=frozenset({Role.AUTHENTICATION_ADMINISTRATOR}),
        scopes=frozenset({SCOPE}),
    )


def holder_of(person: Person) -> Holder:
    """The person as the inventory names who holds a token."""
    return Holder(person.id, person.display_name)


def hardware_method(token: Token) -> Method:
    """The token as its holder's list of methods shows it; the ids are alike but not equal."""
    name = token.device_id.removeprefix("device-")
    return Method(f"method-{name}", MethodKind.HARDWARE_TOKEN, token=token)


def a_phone() -> Method:
    """A method that does not count towards the limit."""
    return Method("phone", MethodKind.PHONE)


def an_authenticator(number: int = 1) -> Method:
    """A method that counts towards the limit."""
    return Method(f"authenticator-{number}", MethodKind.AUTHENTICATOR)
