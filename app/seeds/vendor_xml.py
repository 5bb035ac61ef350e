"""The XML files of SafeNet and Deepnet: seeds in plain, and little said about the tokens.

Neither says how long a time step is, nor whether the tokens count time at all: that is for the
operator to tell. Shapes: LinOTP and privacyIDEA read the first; Deepnet's knowledge base,
article 9, shows the second.
"""

from __future__ import annotations

from typing import Final

from app.core.errors import SeedFileNotRecognised
from app.core.secret import Encoding
from app.core.seed_check import Checker, Row
from app.seeds.elements import Shape, Texts

_SEED: Final = "Token/Applications/Application/Seed"
_COUNTER: Final = "Token/Applications/Application/MovingFactor"
SAFENET: Final = Shape(
    record="Token/Applications/Application",
    around="Token",
    wanted=frozenset(
        {
            "Token@serial",
            "Token/ProductName",
            _SEED,
            _COUNTER,
        }
    ),
)
DEEPNET: Final = Shape(
    record="token",
    around="token",
    wanted=frozenset(
        {
            "header/manufacturerCode",
            "header/productCode",
            "header/encode",
            "header/encrypt",
            "token/serial",
            "token/seed",
        }
    ),
    unseen=frozenset({"tokens"}),
)
_ENCODINGS: Final = {"HEX": Encoding.HEX, "BASE32": Encoding.BASE32, "BASE64": Encoding.BASE64}
_MAKERS: Final = {"DN": "Deepnet Security"}
_UNUSED: Final = frozenset({"", "0", "1"})
"""A moving factor that no code was made with yet; any other is the counter of a used HOTP token."""


class SafeNet:
    """Feeds the checker with the applications of each token."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self._number = 0

    def __call__(self, _file: Texts, token: Texts, application: Texts) -> None:
        self._number += 1
        counter = application.get(_COUNTER, "")
        row = Row(
            self._number,
            token.get("Token@serial", ""),
            application.get(_SEED, ""),
            manufacturer="SafeNet",
            model=token.get("Token/ProductName", ""),
            kind="" if counter in _UNUSED else "HOTP",
            encoding=Encoding.HEX,
        )
        self._checker.add(row)


class Deepnet:
    """Feeds the checker with tokens, encoded as the header says."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self._number = 0

    def __call__(self, file: Texts, _around: Texts, token: Texts) -> None:
        self._number += 1
        if file.get("header/encrypt", "").upper() not in {"", "NONE"}:
            raise SeedFileNotRecognised("a Deepnet file that is encrypted")
        maker = file.get("header/manufacturerCode", "")
        row = Row(
            self._number,
            token.get("token/serial", ""),
            token.get("token/seed", ""),
            manufacturer=_MAKERS.get(maker, maker),
            model=file.get("header/productCode", ""),
            encoding=_ENCODINGS.get(file.get("header/encode", "").upper()),
        )
        self._checker.add(row)
