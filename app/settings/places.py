"""Where a machine keeps what belongs to Oathdesk."""

import sys
from pathlib import Path

import platformdirs

APP_NAME = "Oathdesk"

_FILE = "config.toml"
_LINUX = Path("/etc/oathdesk")


def default_file() -> Path:
    """Return where a user's configuration is read from unless the command line says otherwise."""
    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False)) / _FILE


def machine_file() -> Path:
    """Return where the configuration of the whole machine is, which only its administrator writes.

    No variable moves it: what an administrator has locked would be unlocked by setting it.
    """
    if not sys.platform.startswith("linux"):
        return Path(platformdirs.site_config_dir(APP_NAME, appauthor=False)) / _FILE
    return _LINUX / _FILE


def data_folder() -> Path:
    """Return where the record is kept unless the configuration names another folder."""
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def documents_folder() -> Path:
    """Return where exports go: where the platform keeps a person's documents."""
    return Path(platformdirs.user_documents_dir())
