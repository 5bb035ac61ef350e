r"""The address by which SQLite opens a file for reading alone.

SQLite takes `file:` addresses and knows no server in them: a share is written with four slashes,
and Windows' long form (\\?\C:\...) is no address at all (sqlite.org/uri.html, "URI Path").
pathlib's `as_uri` writes both otherwise, so that a record there could be written and not be read.
"""

from pathlib import PurePath, PureWindowsPath
from urllib.parse import quote

from app.files import short_form


def read_only_uri(path: PurePath) -> str:
    """Return the address that opens `path`, which is absolute, for reading alone."""
    text = str(path)
    if isinstance(path, PureWindowsPath):
        text = short_form(text).replace("\\", "/")
        if not text.startswith("/"):
            text = f"/{text}"  # a drive: /C:/Users/...
    return f"file://{quote(text, safe='/:')}?mode=ro"
