"""The station's configuration: one TOML file, checked key by key before anything is started."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import platformdirs

from app.core.errors import SettingsError
from app.core.model import Mode

APP_NAME = "Oathdesk"
GRAPH_URL = "https://graph.microsoft.com"
LOGIN_URL = "https://login.microsoftonline.com"

SCOPES = (
    "User.Read",
    "User.Read.All",
    "UserAuthenticationMethod.ReadWrite.All",
    "Policy.Read.All",
    "Policy.Read.AuthenticationMethod",
)
"""What the desk's features need, delegated, and no more (Graph permissions reference).

The inventory is read with Policy.Read.All, the hardware OATH policy with the one after it.
"""

_KNOWN = {
    "tenant": {"id", "client_id", "name"},
    "desk": {"name", "mode"},
}
_LARGEST_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class Configuration:
    """Which tenant this station serves, as which application, and how the desk works."""

    tenant_id: str
    client_id: str
    tenant_name: str = ""
    desk: str = "Front desk"
    mode: Mode = Mode.ASSIGN_AND_ACTIVATE

    @property
    def authority(self) -> str:
        """Return the sign-in authority of the tenant."""
        return f"{LOGIN_URL}/{self.tenant_id}"


def default_file() -> Path:
    """Return where the configuration is read from unless the command line says otherwise."""
    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False)) / "config.toml"


def data_folder() -> Path:
    """Return where the record is kept."""
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def documents_folder() -> Path:
    """Return where exports go: where the platform keeps a person's documents."""
    return Path(platformdirs.user_documents_dir())


def load(file: Path) -> Configuration:
    """Return the configuration in `file`. Raises SettingsError naming the file and the key."""
    values = _read(file)
    _refuse_unknown(file, values)
    tenant, desk = _table(file, values, "tenant"), _table(file, values, "desk")
    return Configuration(
        tenant_id=_guid(file, tenant, "id"),
        client_id=_guid(file, tenant, "client_id"),
        tenant_name=_text(file, tenant, "name", ""),
        desk=_text(file, desk, "name", "Front desk"),
        mode=_mode(file, desk),
    )


def _read(file: Path) -> Mapping[str, object]:
    try:
        with file.open("rb") as stream:
            data = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise SettingsError(str(file), error.strerror or "cannot be read") from error
    if len(data) > _LARGEST_FILE:
        raise SettingsError(str(file), "larger than one megabyte")
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(str(file), str(error)) from error


def _refuse_unknown(file: Path, values: Mapping[str, object]) -> None:
    for name in values:
        if name not in _KNOWN:
            raise SettingsError(f"{file}: [{name}]", f"allowed are {', '.join(sorted(_KNOWN))}")
        for key in _table(file, values, name):
            if key not in _KNOWN[name]:
                allowed = ", ".join(sorted(_KNOWN[name]))
                raise SettingsError(f"{file}: {name}.{key}", f"allowed are {allowed}")


def _table(file: Path, values: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = values.get(name, {})
    if not isinstance(table, Mapping):
        raise SettingsError(f"{file}: {name}", "must be a table")
    return table


def _text(file: Path, table: Mapping[str, object], key: str, default: str) -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        raise SettingsError(f"{file}: {key}", "must be text in quotes")
    return value


def _guid(file: Path, table: Mapping[str, object], key: str) -> str:
    text = _text(file, table, key, "")
    try:
        return str(UUID(text))
    except ValueError as error:
        place = f"{file}: tenant.{key}"
        raise SettingsError(place, "must be a GUID from the app registration") from error


def _mode(file: Path, desk: Mapping[str, object]) -> Mode:
    text = _text(file, desk, "mode", Mode.ASSIGN_AND_ACTIVATE.value)
    try:
        return Mode(text)
    except ValueError as error:
        allowed = ", ".join(mode.value for mode in Mode)
        raise SettingsError(f"{file}: desk.mode", f"allowed are {allowed}") from error
