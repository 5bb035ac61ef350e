"""Where the files that travel with the program are found.

The same pictures, help and stylesheets are needed from a source tree, from an installed wheel
and from a one-folder build, by the user interface and by the practice tenant alike. Only this
module knows the three places.
"""

import sys
from functools import cache
from pathlib import Path


class ResourcesMissing(FileNotFoundError):
    """No `resources` folder in any of the places it is shipped in; `places` lists them."""

    def __init__(self, places: tuple[Path, ...]) -> None:
        super().__init__(", ".join(str(place) for place in places))
        self.places = places


@cache
def resources() -> Path:
    """The folder that holds icons/, qss/ and the rest; raises `ResourcesMissing`."""
    return find_resources(candidate_places(getattr(sys, "_MEIPASS", None)))


def candidate_places(bundle: str | None) -> tuple[Path, ...]:
    """Where to look, first choice first; `bundle` is PyInstaller's unpacked folder, if any."""
    package = Path(__file__).resolve().parent
    here = (package / "resources", package.parent / "resources")
    return (Path(bundle) / "resources", *here) if bundle else here


def find_resources(places: tuple[Path, ...]) -> Path:
    """The first of `places` which holds the stylesheets; raises `ResourcesMissing`."""
    for place in places:
        if (place / "qss").is_dir():
            return place
    raise ResourcesMissing(places)
