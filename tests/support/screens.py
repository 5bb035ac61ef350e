"""Whether every control of a window can be brought into sight."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QComboBox,
    QLineEdit,
    QScrollArea,
    QWidget,
)

CONTROLS = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit)


def controls(window: QWidget) -> list[QWidget]:
    """Return what can be worked with, as far as it is shown and no part of a control itself."""
    found = [each for kind in CONTROLS for each in window.findChildren(kind) if each.isVisible()]
    inside = (QAbstractItemView, QComboBox)
    return [each for each in found if not isinstance(each.parentWidget(), inside)]


def out_of_reach(window: QWidget) -> list[str]:
    """Return the controls of `window` that no scrolling brings into sight."""
    return [_name(each) for each in controls(window) if not _can_be_shown(each, window)]


def _can_be_shown(control: QWidget, window: QWidget) -> bool:
    """Follow `control` outwards: each part must lie in the next, or in one that scrolls to it."""
    box, part = control.rect(), control
    while part is not window:
        parent = part.parentWidget()
        area = parent.parentWidget() if parent is not None else None
        if isinstance(area, QAbstractScrollArea) and area.viewport() is parent:
            if not _scrolls_to(area, part, box):
                return False
            box, part = area.viewport().rect(), area.viewport()
            continue
        box = box.translated(part.pos())
        if parent is None or not parent.rect().contains(box):
            return False
        part = parent
    return True


def _scrolls_to(area: QAbstractScrollArea, content: QWidget, box: QRect) -> bool:
    """Whether `area` can scroll as far as `box` of its `content`."""
    if not isinstance(area, QScrollArea):
        return content.rect().contains(box)
    off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    wide = area.horizontalScrollBarPolicy() is not off or content.width() <= area.viewport().width()
    return wide and content.rect().contains(box)


def is_in_sight(control: QWidget, window: QWidget) -> bool:
    """Whether `control`, or its first corner where it is larger than the window, is seen now."""
    corner = control.mapTo(window, QPoint(0, 0))
    seen = control.visibleRegion().boundingRect()
    whole = seen.size() == control.size()
    large = control.width() > window.width() - 120 or control.height() > window.height() - 120
    return (whole or (large and not seen.isEmpty())) and window.rect().contains(corner)


def _name(control: QWidget) -> str:
    words = control.text() if isinstance(control, QAbstractButton) else ""
    return f"{type(control).__name__} {words or control.accessibleName()}"
