"""Everything that a window's tree still holds: Qt's properties, models, Python's objects."""

import re
from collections.abc import Iterator

from PySide6.QtCore import QAbstractItemModel, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QPlainTextEdit, QTextEdit, QWidget

_ADDRESS = re.compile(r"0x[0-9a-f]+")
"""Where an object lies in memory is no trace of anybody."""


def remains(root: QWidget, but: QWidget | None = None) -> str:
    """Every text in `root` and whatever is below it, seen or not, without the widget `but`."""
    every = [root, *root.findChildren(QObject)]
    return "\n".join(words for each in every if each is not but for words in _of(each))


def _of(thing: QObject) -> Iterator[str]:
    meta = thing.metaObject()
    for index in range(meta.propertyCount()):
        value = meta.property(index).read(thing)
        if isinstance(value, str):
            yield value
    for name, value in vars(thing).items():
        if not isinstance(value, QObject):
            yield f"{name}={_ADDRESS.sub('', repr(value))}"
    if isinstance(thing, QPlainTextEdit | QTextEdit):
        yield thing.toPlainText()
    if isinstance(thing, QAbstractItemView) and thing.model() is not None:
        yield from _cells(thing.model())


def _cells(model: QAbstractItemModel) -> Iterator[str]:
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            yield str(model.data(model.index(row, column), Qt.ItemDataRole.DisplayRole))
