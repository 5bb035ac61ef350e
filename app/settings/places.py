"""Where a machine keeps what belongs to Oathdesk."""

import sys
from pathlib import Path

import platformdirs

from app.account import home, known_folder

APP_NAME = "Oathdesk"

_FILE = "config.toml"
_LINUX = Path("/etc/oathdesk")

_LOCAL_APP_DATA = "{F1B32785-6FBA-4FCF-9D55-7B8E7F157091}"
_PROGRAM_DATA = "{62AB5D82-FDC1-4DC3-A9DD-070D1D495D97}"
"""Windows' own folders by their KNOWNFOLDERID (learn.microsoft.com, knownfolderid)."""


def default_file() -> Path:
    """Return where a user's configuration is read from unless the command line says otherwise."""
    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False)) / _FILE


def machine_file() -> Path:
    """Return where the configuration of the whole machine is, which only its administrator writes.

    No variable moves it: what an administrator has locked would be unlocked by setting it.
    """
    if sys.platform == "win32":
        return known_folder(_PROGRAM_DATA) / APP_NAME / _FILE
    if not sys.platform.startswith("linux"):
        return Path(platformdirs.site_config_dir(APP_NAME, appauthor=False)) / _FILE
    return _LINUX / _FILE


def data_folder() -> Path:
    """Return where the record is kept unless the configuration names another folder."""
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def data_folder_of_account() -> Path:
    """Return the same folder by what the system knows of the account, whatever variables say.

    It is for a machine whose administrator has locked where the record is: XDG_DATA_HOME and HOME
    (on Windows, the overrides that platformdirs reads) would move it elsewhere.
    """
    if sys.platform == "win32":
        return known_folder(_LOCAL_APP_DATA) / APP_NAME
    own = home()
    if own is None:  # an account without an entry in the system's list has nothing but variables
        return data_folder()
    below = "Library/Application Support" if sys.platform == "darwin" else ".local/share"
    return own / below / APP_NAME


def documents_folder() -> Path:
    """Return where exports go: where the platform keeps a person's documents."""
    return Path(platformdirs.user_documents_dir())
