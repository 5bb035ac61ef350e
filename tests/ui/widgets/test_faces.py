"""T10: a hostile photo costs little memory, and what is kept of faces is bounded."""

import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter

from app.ui.widgets.avatar import FACES, SIDE, Faces, decode_photo

ROOT = Path(__file__).resolve().parents[3]
MOST_GROWTH_KB = 40_000


def encoded(width: int, height: int, kind: str = "png", *, progressive: bool = False) -> bytes:
    """Return a picture in one colour."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#7a5c3e"))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(kind.encode()))
    writer.setProgressiveScanWrite(progressive)
    assert writer.write(image)
    return bytes(data.data())


def with_header(png: bytes, width: int, height: int) -> bytes:
    """Return `png` with another size in its header, whose checksum is right."""
    header = b"IHDR" + struct.pack(">II", width, height) + png[24:29]
    return png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:]


def test_t10_a_photo_is_kept_no_larger_than_it_is_shown() -> None:
    for photo in (encoded(1200, 1600), encoded(4096, 3072, "jpeg"), encoded(648, 648, "jpeg")):
        image = decode_photo(photo)
        assert image is not None
        assert min(image.width(), image.height()) == SIDE
    small = decode_photo(encoded(96, 96))
    assert small is not None
    assert small.width() == 96


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="9000"><rect/></svg>'
HOSTILE: dict[str, Callable[[], bytes]] = {
    "4096 x 4096 in 58 KB": lambda: encoded(4096, 4096),
    "progressive, 4096 x 4096": lambda: encoded(4096, 4096, "jpeg", progressive=True),
    "a strip": lambda: encoded(4096, 2),
    "2^31 px": lambda: with_header(encoded(8, 8), 2**31 - 1, 2**31 - 1),
    "65,535 px": lambda: with_header(encoded(8, 8), 65_535, 65_535),
    "no px": lambda: with_header(encoded(8, 8), 0, 8),
    "SVG": lambda: SVG,
    "SVG called PNG": lambda: b"\x89PNG\r\n\x1a\n" + SVG,
    "GIF": lambda: b"GIF89a\xff\xff\xff\xff\x00\x00\x00;",
    "BMP": lambda: encoded(64, 64, "bmp"),
    "half a PNG": lambda: encoded(300, 300)[:-200],
    "the first bytes of a JPEG": lambda: b"\xff\xd8\xff\xe0",
    "segments without end": lambda: b"\xff\xd8" + b"\xff\xe1\x00\x02" * 40_000,
    "nothing": lambda: b"",
}


@pytest.mark.qt_log_ignore("JPEG", "libpng", "QImageIOHandler")
@pytest.mark.parametrize("name", HOSTILE)
def test_t10_a_hostile_photo_is_no_face(name: str) -> None:
    FACES.forget()
    assert decode_photo(HOSTILE[name]()) is None
    assert FACES.held <= 200_000


MEASURED = """
import resource, sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
from app.ui.widgets.avatar import FACES, decode_photo
from tests.ui.widgets.test_faces import encoded
decode_photo(encoded(64, 64)); decode_photo(encoded(64, 64, "jpeg"))
photos = [open(name, "rb").read() for name in sys.argv[1:]]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for number in range(24):
    for photo in photos:
        decode_photo(photo + bytes(number))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, FACES.held)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs the peak of memory in kilobytes")
def test_t10_crowds_of_hostile_photos_cost_little_memory(tmp_path: Path) -> None:
    names = []
    for number, photo in enumerate(
        (
            encoded(4096, 4096),
            encoded(4096, 4096, "jpeg"),
            encoded(4096, 4096, "jpeg", progressive=True),
        )
    ):
        names.append(tmp_path / str(number))
        names[-1].write_bytes(photo)
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, names)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    grown, held = map(int, ran.stdout.split())
    assert grown < MOST_GROWTH_KB
    assert held <= 12_000_000


def test_t10_the_cache_is_bounded_by_bytes_and_can_be_emptied() -> None:
    faces = Faces(most=100_000)
    picture = QImage(100, 100, QImage.Format.Format_RGB32)  # 40,000 bytes
    for number in range(50):
        faces.get(b"photo %d" % number, 0, lambda: picture)
        assert faces.held <= 100_000
    assert faces.held > 0
    faces.forget()
    assert faces.held == 0
