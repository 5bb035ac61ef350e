"""What is said to whoever sets a station up, and what they send to the tenant's administrator."""

from collections.abc import Iterator, Mapping, Sequence

from app.core.cloud import Cloud
from app.core.errors import OathdeskError, SettingsProblem, SignInUnreachable
from app.core.model import Role
from app.core.rights import ROLE_NAMES, roles_for, served_by_roles
from app.core.signin import SignInMethod
from app.core.tenancy import (
    BROKER_REDIRECT,
    LOCAL_REDIRECT,
    Flaw,
    FoundTenant,
    Typed,
    consent_address,
)
from app.station.first_run import FirstRunSettings, Letter
from app.ui.widgets.tone import Tone
from app.ui.wording.errors import Trouble, trouble
from app.ui.wording.roles import role_words
from app.ui.wording.say import say
from app.ui.wording.session import cloud_name, purpose, purposes

_FLAWS: Mapping[Flaw, tuple[str, str]] = {
    Flaw.TENANT_MISSING: (
        "The tenant is still missing.",
        "Type its ID, or one of its domain names such as contoso.com.",
    ),
    Flaw.TENANT_UNLIKE: (
        "This is neither the ID of a tenant nor a domain name.",
        "An ID has 32 letters and digits in five groups. A domain name has a dot in it.",
    ),
    Flaw.CLIENT_MISSING: (
        "The application ID is still missing.",
        "It stands on the overview page of the app registration.",
    ),
    Flaw.CLIENT_UNLIKE: (
        "This is not an application ID.",
        "It has 32 letters and digits in five groups. The application's name is another thing.",
    ),
    Flaw.SAME: (
        "The same ID stands in both places.",
        "Tenant and application have an ID each. Copy the other one again.",
    ),
}

_SHORT: Mapping[Cloud, str] = {
    Cloud.GLOBAL: "Global",
    Cloud.US_GOV_L4: "US Gov L4",
    Cloud.US_GOV_L5: "US Gov L5",
    Cloud.CHINA: "China",
}

_INDENT = "   "


def cloud_choices() -> tuple[tuple[str, str], ...]:
    """Return the clouds as (value, short name) pairs."""
    return tuple((cloud.value, say(_SHORT[cloud])) for cloud in Cloud)


def lead() -> str:
    """Return what the page asks for."""
    return say(
        "Both IDs stand on the overview page of the app registration. Where there is none yet, "
        "send the message at the side to an administrator of the tenant."
    )


def flaw_words(flaw: Flaw) -> Trouble:
    """Return what to say of what was typed."""
    sentence, advice = _FLAWS[flaw]
    return Trouble(say(sentence), say(advice))


def checking() -> Trouble:
    """Return what to say while the sign-in service is asked."""
    return Trouble(say("The sign-in service is being asked for the tenant."), "")


def saving() -> Trouble:
    """Return what to say while the tenant is written."""
    return Trouble(say("The tenant is being written into the configuration."), "")


def found_words(found: FoundTenant, asked: Cloud) -> Trouble:
    """Return what to say of a tenant that exists; `asked` is the cloud that had been chosen."""
    lives = say(
        "The tenant {id} exists in this cloud: {cloud}.",
        id=found.id,
        cloud=cloud_name(found.cloud),
    )
    parts = [_clouds_words(found.cloud, asked)]
    parts.append(
        say("Whether the application ID is right shows at the first sign-in, and not before.")
    )
    return Trouble(lives, " ".join(part for part in parts if part))


def _clouds_words(cloud: Cloud, asked: Cloud) -> str:
    if not cloud.documents_hardware_oath:
        return say("Microsoft documents hardware tokens for the global cloud alone.")
    return say("Another cloud had been chosen; it was corrected.") if cloud is not asked else ""


def failed_words(error: OathdeskError, *, savable: bool) -> Trouble:
    """Return what to say where the tenant was not found, or could not be written."""
    said = trouble(error)
    if not (savable and isinstance(error, SignInUnreachable)):
        return said
    more = say("You can save it anyway; the first sign-in then shows whether it fits.")
    return Trouble(said.sentence, f"{said.advice} {more}")


def fixed_words(fixed: Sequence[SettingsProblem]) -> Trouble:
    """Return what to say where the user's file has no say in the tenant."""
    places = "; ".join(f"{each.key} ({each.place})" for each in fixed)
    return Trouble(
        say("The tenant of this station is not decided here."),
        say(
            "It is decided elsewhere: {places}. Whoever administers this machine can name the "
            "tenant there. The message at the side is for the tenant's administrator.",
            places=places,
        ),
    )


def written_to(file: str) -> str:
    """Return where the tenant is written."""
    return say("It will be written to {file}", file=file)


def letter_words(letter: Letter) -> tuple[Tone, Trouble]:
    """Return what to say of the message that was to be saved."""
    if letter.error is None:
        return Tone.GOOD, Trouble(say("The message is saved."), letter.path)
    problems = " ".join(f"{each.place}: {each.problem}." for each in letter.error.problems)
    return Tone.BAD, Trouble(say("The message cannot be saved."), problems)


# The message ------------------------------------------------------------------------------------


def message(settings: FirstRunSettings, typed: Typed, found: FoundTenant | None) -> str:
    """Return what the tenant's administrator has to do, as plain text for a mail or a ticket."""
    sections = (
        (say("App registration"), _registration(settings, typed)),
        (say("API permissions, of Microsoft Graph"), _permissions(settings)),
        (say("Consent for the whole tenant"), _consent(typed, found)),
        (say("Directory roles for everybody who works at the desk"), _roles(settings)),
        (say("Policy and tokens"), _policy()),
    )
    blocks = [_opening(typed, found)]
    for number, (title, lines) in enumerate(sections, 1):
        blocks.append("\n".join((f"{number}. {title}", *(f"{_INDENT}{line}" for line in lines))))
    if not (typed.named and typed.client_id):
        blocks.append(say("Then please send back the tenant ID and the application (client) ID."))
    return "\n\n".join(blocks) + "\n"


def _opening(typed: Typed, found: FoundTenant | None) -> str:
    tenant = found.id if found else typed.named
    title = say("What Oathdesk needs from the tenant {tenant}", tenant=tenant).strip()
    about = say(
        "Oathdesk is the program with which a security desk hands out hardware OATH tokens. An "
        "administrator of the tenant does the following once."
    )
    return f"{title}\n\n{about}"


def _registration(settings: FirstRunSettings, typed: Typed) -> Iterator[str]:
    """Yield what the registration needs, in the order of the admin centre."""
    methods = set(settings.methods)
    yield say("Name: Oathdesk")
    yield say("Supported account types: accounts in this organizational directory only")
    if methods & {SignInMethod.BROWSER, SignInMethod.CONFINED, SignInMethod.BROKER}:
        yield say(
            'Redirect URI, under "Mobile and desktop applications": {uri}', uri=LOCAL_REDIRECT
        )
    if SignInMethod.BROKER in methods:
        uri = BROKER_REDIRECT.format(client_id=typed.client_id or say("<application ID>"))
        yield say("And there, for the Windows account: {uri}", uri=uri)
    if SignInMethod.DEVICE in methods:
        yield say("Allow public client flows: yes, for signing in on another device")
        yield say(
            "Security defaults, and a Conditional Access policy that blocks the device code flow, "
            "keep operators from signing in that way."
        )
    if SignInMethod.CERTIFICATE in methods:
        yield say('Under "Certificates & secrets": the certificate of the station')
    else:
        yield say("No client secret and no certificate")


def _permissions(settings: FirstRunSettings) -> Iterator[str]:
    people = set(settings.methods) - {SignInMethod.CERTIFICATE}
    if people:
        yield say("Delegated permissions:")
    if SignInMethod.CERTIFICATE in settings.methods:
        yield say("Application permissions, for the station that signs in by itself:")
    for scope in settings.scopes:
        yield f"{scope}: {purpose(scope, settings.features)}"


def _consent(typed: Typed, found: FoundTenant | None) -> Iterator[str]:
    tenant = found.id if found else typed.named
    if tenant and typed.client_id:
        yield say("Open this address as Privileged Role Administrator, and accept:")
        yield consent_address(typed.cloud, tenant, typed.client_id)
        yield say(
            "The browser may then end on a page that cannot be shown. That is as it should be."
        )
    else:
        yield say("A Privileged Role Administrator grants it on the page of the API permissions.")


def _roles(settings: FirstRunSettings) -> Iterator[str]:
    if set(settings.methods) <= {SignInMethod.CERTIFICATE}:
        yield say("None: the station signs in by itself, with the permissions above.")
        return
    for group in roles_for(settings.features):
        names, what = _any_of(group), purposes(served_by_roles(group, settings.features))
        yield say("{roles}: {purpose}", roles=names, purpose=what)
    yield say(
        "Whoever hands tokens to administrators too, or to members or owners of groups to which "
        "roles can be assigned, needs Privileged Authentication Administrator."
    )


def _any_of(roles: Sequence[Role]) -> str:
    first, *others = (role_words(ROLE_NAMES[role]) for role in roles)
    for other in others:
        first = say("{one} or {other}", one=first, other=other)
    return first


def _policy() -> Iterator[str]:
    yield say('Authentication methods, "Hardware OATH tokens": on, for the people to be served')
    yield say("A change takes up to an hour to reach everybody.")
    yield say(
        "The tokens in the inventory of Microsoft Graph. Those uploaded as CSV in the admin centre "
        "are kept elsewhere and are not found."
    )
