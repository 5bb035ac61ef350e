"""Draw the program's icon at every size a system asks for: `icons.py FOLDER`.

The drawing is resources/icons/app.svg; Qt renders it. A Windows icon and one of macOS are folders
of such pictures in a file of their own kind, which is short to write and needs no other tool.
"""

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

DRAWING = Path(__file__).resolve().parents[2] / "resources" / "icons" / "app.svg"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512, 1024)
WINDOWS = (16, 24, 32, 48, 64, 256)
MACOS = {16: b"icp4", 32: b"icp5", 64: b"icp6", 128: b"ic07", 256: b"ic08", 512: b"ic09"}
"""Size to the type of an entry (Apple's icns format); 1024 px is ic10."""


def png(renderer: QSvgRenderer, size: int) -> bytes:
    """Return the drawing as a PNG of `size` pixels."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(content.data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """Return a Windows icon: a directory of 16-byte entries, then the pictures as PNG."""
    at = 6 + 16 * len(pictures)
    entries = b""
    for size, picture in pictures.items():
        edge = size % 256  # 0 stands for 256
        entries += struct.pack("<BBBBHHII", edge, edge, 0, 0, 1, 32, len(picture), at)
        at += len(picture)
    return struct.pack("<HHH", 0, 1, len(pictures)) + entries + b"".join(pictures.values())


def icns(pictures: dict[bytes, bytes]) -> bytes:
    """Return an icon of macOS: blocks with a type, a length (big-endian) and a PNG each."""
    blocks = b"".join(
        kind + struct.pack(">I", 8 + len(picture)) + picture for kind, picture in pictures.items()
    )
    return b"icns" + struct.pack(">I", 8 + len(blocks)) + blocks


def draw(folder: Path) -> None:
    """Write every icon into `folder`."""
    app = QGuiApplication(["icons"])
    renderer = QSvgRenderer(str(DRAWING))
    pictures = {size: png(renderer, size) for size in SIZES}
    folder.mkdir(parents=True, exist_ok=True)
    for size, picture in pictures.items():
        (folder / f"{size}.png").write_bytes(picture)
    (folder / "oathdesk.ico").write_bytes(ico({size: pictures[size] for size in WINDOWS}))
    for_macos = {kind: pictures[size] for size, kind in MACOS.items()} | {b"ic10": pictures[1024]}
    (folder / "oathdesk.icns").write_bytes(icns(for_macos))
    del app


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
