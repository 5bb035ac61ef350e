"""Draws the practice people: flat portraits, the same for the same person every time.

A face to compare is part of the station's work; photographs of real people would be somebody's.
"""

import io
import random
from functools import lru_cache

from PIL import Image, ImageDraw

SIDE = 240
_SCALE = 2
_GROUNDS = (
    ("#dbe7f5", "#9fbfe0"), ("#f4e3d3", "#dfb48c"), ("#dff0e4", "#93c7a6"),
    ("#eadff2", "#b79fd0"), ("#f7e0e3", "#d99aa5"), ("#e2ebea", "#8fb0ae"),
    ("#f6ecc9", "#d8bf6d"), ("#e0e4ec", "#8e9ab2"),
)  # fmt: skip
_SKINS = ("#f6d7c3", "#efc4a4", "#e0a980", "#c68863", "#a9714b", "#8a5536", "#6b3f29", "#4f2e20")
_HAIRS = ("#1d1a1a", "#2f2320", "#4a3123", "#6d4527", "#94653a", "#c09a5b", "#a5402a", "#b9b6b3")
_CLOTHES = ("#26415f", "#7a2f3a", "#2f5d50", "#5b4a7d", "#b4632f", "#37474f", "#8c7a3d", "#1f6f8b")
_LONG_HAIR = ("long", "bob", "bun", "curls", "scarf")
_SHORT_HAIR = ("short", "parting", "crop", "bald", "curls")


@lru_cache(maxsize=512)
def portrait(person_id: str, presents_as: str, side: int = SIDE) -> bytes:
    """A JPEG of `side` x `side` pixels, made from the id alone."""
    rng = random.Random(f"face:{person_id}")
    image = _ground(rng)
    _figure(ImageDraw.Draw(image), rng, presents_as)
    image = image.resize((side, side), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=88)
    return stream.getvalue()


def _ground(rng: random.Random) -> Image.Image:
    top, bottom = rng.choice(_GROUNDS)
    size = (SIDE * _SCALE, SIDE * _SCALE)
    slope = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), slope)


def _figure(draw: ImageDraw.ImageDraw, rng: random.Random, presents_as: str) -> None:
    skin, hair = rng.choice(_SKINS), rng.choice(_HAIRS)
    cloth = rng.choice(_CLOTHES)
    style = rng.choice(_LONG_HAIR if presents_as == "woman" else _SHORT_HAIR)
    hair = rng.choice(_CLOTHES) if style == "scarf" else hair
    _hair_behind(draw, style, hair)
    _shoulders(draw, rng, skin, cloth)
    draw.ellipse(_box(84, 62, 156, 158), fill=skin)
    _features(draw, rng, skin, hair, presents_as)
    _hair_before(draw, style, hair)


def _box(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
    return tuple(value * _SCALE for value in (left, top, right, bottom))


def _shade(colour: str, factor: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{min(255, int(part * factor)):02x}" for part in (red, green, blue))


def _shoulders(draw: ImageDraw.ImageDraw, rng: random.Random, skin: str, cloth: str) -> None:
    draw.rounded_rectangle(_box(34, 178, 206, 330), 62 * _SCALE, fill=cloth)
    draw.rounded_rectangle(_box(104, 138, 136, 196), 14 * _SCALE, fill=_shade(skin, 0.9))
    if rng.random() < 0.5:
        collar = [(104, 178), (120, 206), (136, 178), (150, 186), (122, 226), (90, 186)]
        draw.polygon([(x * _SCALE, y * _SCALE) for x, y in collar], fill=_shade(cloth, 1.35))
    else:
        draw.ellipse(_box(98, 168, 142, 204), fill=_shade(skin, 0.9))


def _features(
    draw: ImageDraw.ImageDraw, rng: random.Random, skin: str, hair: str, presents_as: str
) -> None:
    ink = _shade(skin, 0.45)
    for left in (101, 131):
        draw.ellipse(_box(left, 107, left + 8, 116), fill=_shade(ink, 0.6))
        draw.arc(_box(left - 4, 94, left + 12, 108), 205, 335, fill=ink, width=2 * _SCALE)
    draw.arc(_box(114, 112, 126, 130), 40, 140, fill=ink, width=2 * _SCALE)
    draw.arc(_box(104, 120, 136, 144), 25, 155, fill=ink, width=3 * _SCALE)
    if rng.random() < 0.22:
        for left in (94, 124):
            draw.ellipse(_box(left, 101, left + 22, 122), outline="#2a2f36", width=2 * _SCALE)
        draw.line(_box(116, 110, 124, 110), fill="#2a2f36", width=2 * _SCALE)
    if presents_as == "man" and rng.random() < 0.35:
        draw.chord(_box(87, 96, 153, 161), 20, 160, fill=hair)
        draw.arc(_box(106, 126, 134, 144), 25, 155, fill=_shade(skin, 0.75), width=3 * _SCALE)


def _hair_behind(draw: ImageDraw.ImageDraw, style: str, hair: str) -> None:
    if style in ("long", "scarf"):
        draw.rounded_rectangle(_box(70, 48, 170, 206), 48 * _SCALE, fill=hair)
    elif style == "bob":
        draw.rounded_rectangle(_box(72, 48, 168, 160), 46 * _SCALE, fill=hair)
    elif style == "bun":
        draw.ellipse(_box(100, 22, 140, 62), fill=hair)
        draw.ellipse(_box(78, 48, 162, 140), fill=hair)
    elif style == "curls":
        for x, y in ((72, 60), (84, 44), (104, 34), (126, 34), (146, 46), (156, 64), (66, 82)):
            draw.ellipse(_box(x - 14, y - 10, x + 30, y + 34), fill=hair)
        draw.ellipse(_box(140, 72, 176, 108), fill=hair)


def _hair_before(draw: ImageDraw.ImageDraw, style: str, hair: str) -> None:
    if style == "bald":
        return
    if style == "crop":
        draw.chord(_box(83, 58, 157, 124), 190, 350, fill=hair)
        return
    draw.pieslice(_box(80, 54, 160, 140), 185, 355, fill=hair)
    if style in ("long", "bob"):
        draw.chord(_box(88, 82, 152, 112), 180, 300, fill=hair)
    elif style == "parting":
        sweep = ((81, 100), (81, 76), (104, 60), (140, 62), (112, 84))
        draw.polygon([(x * _SCALE, y * _SCALE) for x, y in sweep], fill=hair)
