"""The policies that confine Chromium to the sign-in: made, and checked before each start.

Chromium reads every file of one folder, whatever it is called, in the order of their names; of two
that set the same policy the later one counts (Chromium, config_dir_policy_loader.cc). A folder that
somebody else than root may write confines nobody, and neither does a file that Chromium would skip.

Names and values are those of the Chrome Enterprise policy list; each was found in Debian's Chromium
156. The address filters are those of "URL blocklist filter format" (chromium.org/administrators): a
dot before a host leaves out its subdomains.
"""

import base64
import json
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from app.core.errors import BrowserNotConfined
from app.core.signin import Unconfined

MANAGED: Final = Path("/etc/chromium/policies/managed")
"""Where Debian's Chromium reads mandatory policies: no user and no flag changes them."""

REDIRECT_PORTS: Final = tuple(range(61_150, 61_158))
"""The loopback ports that a confined sign-in may come back to.

They lie above those that Linux gives to outgoing connections (net.ipv4.ip_local_port_range). Other
ports of this machine may serve pages that are not for strangers, such as a printer's on 631.
"""

_ROOT: Final = 0
_MOST_BYTES: Final = 1 << 20
_CERTIFICATE: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL
)

RULES: Final[Mapping[str, object]] = {
    # Which pages are shown. The filter "*" covers neither Chromium's own pages (its settings, its
    # experiments) nor typed javascript: addresses; both were tried.
    "URLBlocklist": [
        "*",
        "chrome://*",
        "chrome-untrusted://*",
        "chrome-search://*",
        "chrome-extension://*",
        "devtools://*",
        "view-source:*",
        "javascript://*",
        "file://*",
        "data:*",
    ],
    "DefaultPopupsSetting": 2,
    "PromotionsEnabled": False,
    "ShowHomeButton": False,
    "NewTabPageLocation": "about:blank",
    "DefaultSearchProviderEnabled": False,
    "SearchSuggestEnabled": False,
    "AlternateErrorPagesEnabled": False,
    "AllowDinosaurEasterEgg": False,
    "NetworkPredictionOptions": 2,
    # What looks behind a page, or acts upon the browser.
    "DeveloperToolsAvailability": 2,
    "RemoteDebuggingAllowed": False,
    "TaskManagerEndProcessEnabled": False,
    "IncognitoModeAvailability": 1,
    "BrowserAddPersonEnabled": False,
    "BrowserGuestModeEnabled": False,
    "BrowserSignin": 0,
    "SyncDisabled": True,
    "ProfilePickerOnStartupAvailability": 1,
    "BackgroundModeEnabled": False,
    "BrowserLabsEnabled": False,
    "DefaultBrowserSettingEnabled": False,
    "ComponentUpdatesEnabled": False,
    "UserFeedbackAllowed": False,
    "MetricsReportingEnabled": False,
    "GenAiDefaultSettings": 2,
    "LensOverlaySettings": 1,
    "ExtensionInstallBlocklist": ["*"],
    "BlockExternalExtensions": True,
    "NativeMessagingBlocklist": ["*"],
    # Files, printers, and other programs.
    "DownloadRestrictions": 3,
    "AllowFileSelectionDialogs": False,
    "PrintingEnabled": False,
    "ScreenCaptureAllowed": False,
    "DefaultFileSystemReadGuardSetting": 2,
    "DefaultFileSystemWriteGuardSetting": 2,
    "EnableMediaRouter": False,
    "DesktopSharingHubEnabled": False,
    "QRCodeGeneratorEnabled": False,
    # What a person leaves behind.
    "PasswordManagerEnabled": False,
    "AutofillAddressEnabled": False,
    "AutofillCreditCardEnabled": False,
    "PaymentMethodQueryEnabled": False,
    "SavingBrowserHistoryDisabled": True,
    "EditBookmarksEnabled": False,
    "BookmarkBarEnabled": False,
    "TranslateEnabled": False,
    "SpellCheckServiceEnabled": False,
    # What a page may ask of the machine; a security key (WebAuthn) is none of these.
    "AudioCaptureAllowed": False,
    "VideoCaptureAllowed": False,
    "DefaultGeolocationSetting": 2,
    "DefaultNotificationsSetting": 2,
    "DefaultClipboardSetting": 2,
    "DefaultSensorsSetting": 2,
    "DefaultSerialGuardSetting": 2,
    "DefaultWebUsbGuardSetting": 2,
    "DefaultWebHidGuardSetting": 2,
    "DefaultWebBluetoothGuardSetting": 2,
    "DefaultWindowManagementSetting": 2,
    # Nobody clicks a warning of TLS away, or trusts another certificate.
    "SSLErrorOverrideAllowed": False,
    "CACertificateManagementAllowed": 2,
}
"""What holds whichever hosts are allowed."""

WIDENING: Final = frozenset(
    {
        "AutoLaunchProtocolsFromOrigins",
        "AutoOpenAllowedForURLs",
        "AutoOpenFileTypes",
        "ClipboardAllowedForUrls",
        "DeveloperToolsAvailabilityAllowlist",
        "ExtensionInstallAllowlist",
        "ExtensionInstallForcelist",
        "ExtensionSettings",
        "FileSystemReadAskForUrls",
        "FileSystemWriteAskForUrls",
        "NativeMessagingAllowlist",
        "PopupsAllowedForUrls",
        "SSLErrorOverrideAllowedForOrigins",
        "ScreenCaptureAllowedByOrigins",
        "WebAppInstallForceList",
    }
)
"""Policies that make exceptions from RULES, and so must not be set besides."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the browser is confined to.

    `hosts` are those of the sign-in pages, each with a port where it is not 443. `ca_file` holds
    the certificates (PEM) of the company's own authority. `proxy` is the address of the proxy; a
    name and a password in it are left out, since everybody may read policies.
    """

    hosts: tuple[str, ...]
    ca_file: Path | None = None
    proxy: str = field(default="", repr=False)  # it may hold a password


def policies(wanted: Wanted) -> dict[str, object]:
    """Return the policies that confine Chromium to `wanted`, as its JSON file holds them.

    Raises OSError where the file of certificates cannot be read.
    """
    made = dict(RULES)
    made["URLAllowlist"] = [
        *(f"https://{host}" for host in wanted.hosts),
        *(f"http://.localhost:{port}" for port in REDIRECT_PORTS),
    ]
    if wanted.ca_file is not None:
        made["CACertificates"] = list(_certificates(wanted.ca_file.read_text("ascii", "replace")))
    if wanted.proxy:
        made["ProxySettings"] = {"ProxyMode": "fixed_servers", "ProxyServer": _bare(wanted.proxy)}
    return made


def as_json(made: Mapping[str, object]) -> str:
    """Return policies as the text of a file."""
    return json.dumps(made, indent=2, sort_keys=True) + "\n"


def check_policies(wanted: Wanted, folder: Path = MANAGED, owner: int = _ROOT) -> None:
    """See to it that the policies in `folder` confine Chromium to `wanted`.

    `owner` is the only user besides root whose files count. Raises BrowserNotConfined.
    """
    if not folder.is_dir():
        raise BrowserNotConfined(Unconfined.NO_POLICY, str(folder))
    for place in (folder, *folder.parents, *folder.resolve().parents):
        _check_owner(place, owner)
    counting: dict[str, object] = {}
    for file in sorted(folder.iterdir()):
        counting |= _read(file, owner)
    if not counting:
        raise BrowserNotConfined(Unconfined.NO_POLICY, str(folder))
    try:
        wrong = sorted(_differences(policies(wanted), counting))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BrowserNotConfined(Unconfined.OTHER_POLICY, str(wanted.ca_file), reason) from None
    if wrong:
        raise BrowserNotConfined(Unconfined.OTHER_POLICY, str(folder), ", ".join(wrong))


def _check_owner(place: Path, owner: int) -> None:
    """Refuse a place that another user could write to, or put another file in its place.

    A sticky folder such as /tmp passes: only the owner of a file may replace it there.

    Raises BrowserNotConfined.
    """
    try:
        found = place.stat()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BrowserNotConfined(Unconfined.UNREADABLE_POLICY, str(place), reason) from None
    if found.st_uid not in {_ROOT, owner}:
        problem = f"it belongs to the user {found.st_uid}"
        raise BrowserNotConfined(Unconfined.OPEN_POLICY, str(place), problem)
    mode = stat.S_IMODE(found.st_mode)
    sticky = stat.S_ISDIR(found.st_mode) and mode & stat.S_ISVTX
    if mode & (stat.S_IWGRP | stat.S_IWOTH) and not sticky:
        problem = f"its mode is {mode:04o}"
        raise BrowserNotConfined(Unconfined.OPEN_POLICY, str(place), problem)


def _read(file: Path, owner: int) -> dict[str, object]:
    """Return what `file` sets. Raises BrowserNotConfined where Chromium might read it otherwise."""
    _check_owner(file, owner)
    if not file.is_file():  # Chromium does not look into folders
        return {}
    for place in file.resolve().parents if file.is_symlink() else ():
        _check_owner(place, owner)
    try:
        found = json.loads(_text(file), object_pairs_hook=_without_twins)
    except (OSError, ValueError, RecursionError) as error:
        problem = str(error) or type(error).__name__
        raise BrowserNotConfined(Unconfined.UNREADABLE_POLICY, str(file), problem) from None
    if not isinstance(found, dict):
        problem = "it is no object of JSON"
        raise BrowserNotConfined(Unconfined.UNREADABLE_POLICY, str(file), problem)
    return found


def _text(file: Path) -> str:
    """Return what `file` holds. Raises OSError, and ValueError where it is too large or no text."""
    if file.stat().st_size > _MOST_BYTES:
        raise ValueError(f"it has more than {_MOST_BYTES} bytes")
    return file.read_text("utf-8")


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the object of `pairs`. Raises ValueError where a name stands in it twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands in it twice")
    return found


def _differences(wanted: Mapping[str, object], counting: Mapping[str, object]) -> Iterator[str]:
    """Yield the names of the policies by which `counting` is not what is `wanted`."""
    for name, value in wanted.items():
        if name not in counting or not _same(value, counting[name]):
            yield name
    for name in (*WIDENING, "CACertificates", "ProxySettings"):
        if name in counting and name not in wanted:
            yield name


def _same(one: object, other: object) -> bool:
    """Tell whether two values mean the same; in a list the order does not count.

    1 is no `true`: Chromium skips a policy of another type.
    """
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    return type(one) is type(other) and one == other


def _certificates(text: str) -> Iterable[str]:
    """Yield each certificate of a PEM file as base64 on one line."""
    for found in _CERTIFICATE.findall(text):
        body = "".join(found.split())
        yield base64.b64encode(base64.b64decode(body)).decode("ascii")


def _bare(proxy: str) -> str:
    """Return the address of a proxy without a name and a password."""
    parts = urlsplit(proxy)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port}" if parts.port else f"{parts.scheme}://{host}"
