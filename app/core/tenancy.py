"""What is typed to name a tenant and its application, and the address where an admin consents.

Whoever sets a station up copies two GUIDs from the app registration, or knows the tenant by one of
its domain names. What cannot be either is told before anything is asked of the network.
"""

import enum
import re
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from app.core.cloud import Cloud

LOCAL_REDIRECT = "http://localhost"
"""The redirect URI of a browser sign-in, under "Mobile and desktop applications" (RFC 8252)."""

BROKER_REDIRECT = "ms-appx-web://Microsoft.AAD.BrokerPlugin/{client_id}"
"""The redirect URI of a sign-in by the Windows broker (MSAL, acquire_token_interactive)."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{4,253}}\Z)(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])")
"""A name as DNS spells it (RFC 1123, section 2.1), with at least one dot."""


class Flaw(enum.Enum):
    """Why what was typed can name no tenant or no application."""

    TENANT_MISSING = "tenant_missing"
    TENANT_UNLIKE = "tenant_unlike"
    CLIENT_MISSING = "client_missing"
    CLIENT_UNLIKE = "client_unlike"
    SAME = "same"
    """One ID in both places: it was copied twice."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, as it was typed, and what it may mean."""

    tenant: str = ""
    client: str = ""
    cloud: Cloud = Cloud.GLOBAL

    @property
    def tenant_id(self) -> str:
        """The tenant's GUID, where that is what was typed; else ""."""
        return guid(self.tenant)

    @property
    def domain(self) -> str:
        """The domain name, where that is what was typed; else ""."""
        name = self.tenant.strip().lower()
        return name if _DOMAIN.fullmatch(name) else ""

    @property
    def named(self) -> str:
        """What to ask the sign-in service for: GUID or domain name; "" where it is neither."""
        return self.tenant_id or self.domain

    @property
    def client_id(self) -> str:
        """The application's GUID, or ""."""
        return guid(self.client)

    @property
    def flaws(self) -> tuple[Flaw, ...]:
        """What keeps it from being checked, the tenant's first."""
        found: list[Flaw] = []
        if not self.named:
            found.append(Flaw.TENANT_UNLIKE if self.tenant.strip() else Flaw.TENANT_MISSING)
        if not self.client_id:
            found.append(Flaw.CLIENT_UNLIKE if self.client.strip() else Flaw.CLIENT_MISSING)
        elif self.client_id == self.tenant_id:
            found.append(Flaw.SAME)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class FoundTenant:
    """A tenant that the sign-in service knows: its GUID, and the cloud that it lives in.

    `region` is the service's own word for where its data lie ("EU"), "" where it tells none.
    """

    id: str
    cloud: Cloud
    region: str = ""


@dataclass(frozen=True, slots=True)
class Tenancy:
    """A tenant and its application, as they are written into a configuration."""

    id: str
    client_id: str
    cloud: Cloud = Cloud.GLOBAL
    name: str = ""


def guid(text: str) -> str:
    """Return the GUID in `text`, in its plain lower-case spelling; "" where it is none."""
    try:
        found = UUID(text.strip())
    except ValueError:
        return ""
    return str(found) if found.int else ""


def consent_address(cloud: Cloud, tenant_id: str, client_id: str) -> str:
    """Return the address where an administrator consents for the whole tenant.

    It grants what the app registration lists (Microsoft Entra, "Grant tenant-wide admin consent to
    an application", construct the URL).
    """
    query = urlencode({"client_id": client_id})
    return f"{cloud.authority(tenant_id)}/adminconsent?{query}"
