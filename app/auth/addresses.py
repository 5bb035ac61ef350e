"""What a sign-in service may send to a browser or onto the screen: addresses and texts.

An attacker who answers in place of the service, or has taken it over, chooses these. A browser
opens more than web pages (file:, javascript:, programs that registered a scheme), and a text can
hold marks that let it read as another.
"""

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

from app.core.cloud import Cloud

LONGEST_ADDRESS: Final = 8192
"""Characters; an authorization request with a claims challenge has about 2,000."""

AUTHORITIES: Final = frozenset(
    {
        *(cloud.login_host for cloud in Cloud),
        "login.microsoft.com",
        "login.windows.net",
        "sts.windows.net",
        "login-us.microsoftonline.com",
        "login.usgovcloudapi.net",
        "login.chinacloudapi.cn",
        "login.microsoftonline.de",
        "login.sovcloud-identity.de",
        "login.sovcloud-identity.fr",
        "login.sovcloud-identity.sg",
    }
)
"""Hosts of Entra's sign-in service and their aliases, which name each other in their documents
(MSAL Python: WELL_KNOWN_AUTHORITY_HOSTS; Microsoft Entra, National clouds)."""

_ADDRESS: Final = re.compile(r"https://[!#-;=?-\[\]_a-z~]+", re.IGNORECASE)
"""The characters that an address may hold (RFC 3986, appendix A); no backslash, no white space."""

_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_IPV6: Final = re.compile(r"[0-9a-f:.]+", re.IGNORECASE)
_JOINERS: Final = "\u200c\u200d"
_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def is_presentable(address: str) -> bool:
    """Tell whether `address` may be opened in a browser or shown: https and a host, in ASCII.

    A host that only looks like another one cannot be told from it by eye, so names in other scripts
    are refused in either spelling (xn--). So are a user name before the host, which would be read
    as the host, and a port that is none.
    """
    if len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        return False
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises ValueError where it is no number
    except ValueError:
        return False
    return "@" not in parts.netloc and _is_host(parts.hostname or "", parts.netloc)


def is_of_authority(address: str, authority: str) -> bool:
    """Tell whether `address` may be opened, and is on the host and port of `authority`.

    Entra's hosts name each other, so for one of them any of them will do.
    """
    if not is_presentable(address):
        return False
    here, there = urlsplit(authority), urlsplit(address)
    if (there.hostname, there.port or 443) == (here.hostname, here.port or 443):
        return True
    return there.hostname in AUTHORITIES and (there.port or 443) == 443  # noqa: PLR2004 - HTTPS


def plain_text(text: str, most: int) -> str:
    """Return `text` on one line, without control and direction marks, at most `most` characters."""
    kept = (
        " " if letter.isspace() else letter
        for letter in text[: 4 * most]
        if letter.isspace() or letter in _JOINERS or unicodedata.category(letter) not in _DROPPED
    )
    return " ".join("".join(kept).split())[:most]


def _is_host(name: str, netloc: str) -> bool:
    if netloc.startswith("["):
        return bool(_IPV6.fullmatch(name))
    labels = name.removesuffix(".").split(".")
    return all(_LABEL.fullmatch(label) and not label.startswith("xn--") for label in labels)
