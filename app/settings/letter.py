"""Saves the message to a tenant's administrator where a person looks for their documents."""

from pathlib import Path
from typing import Final

from app.core.errors import SettingsProblem, SettingsUnwritable

_NAME: Final = "oathdesk-administrator"
_MOST: Final = 100
"""Messages that are kept beside each other before it is said that there are enough."""


def write_letter(folder: Path, text: str) -> Path:
    """Write `text` to a new file in `folder`, beside what is there already; return the file.

    Raises SettingsUnwritable.
    """
    for number in range(1, _MOST + 1):
        file = folder / (f"{_NAME}.txt" if number == 1 else f"{_NAME}-{number}.txt")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8") as stream:
                stream.write(text)
        except FileExistsError:
            if not file.exists():  # so it is the folder that is a file
                raise _unwritable(folder, "it is no folder") from None
        except OSError as error:
            raise _unwritable(file, error.strerror or type(error).__name__) from None
        else:
            return file
    raise _unwritable(folder, f"there are {_MOST} such messages already")


def _unwritable(place: Path, why: str) -> SettingsUnwritable:
    return SettingsUnwritable(SettingsProblem(str(place), f"it cannot be written: {why}"))
