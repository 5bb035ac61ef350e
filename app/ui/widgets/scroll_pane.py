"""Scrolls what does not fit, in both directions, and brings what has the focus into sight.

A QScrollArea that resizes its widget gives it the height that it would like to have at a width.
Here the widget gets the whole pane and no more than that, until its smallest size is larger: so a
page that fits looks as it does without a pane, and one that does not is scrolled, not cut.
"""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QStackedWidget, QWidget

_AROUND: Final = 24
"""Pixels that are shown beside what has the focus, as far as there are any."""

_HIDDEN_OR_SHOWN: Final = frozenset({QEvent.Type.HideToParent, QEvent.Type.ShowToParent})
_LEAST: Final = QSize(160, 120)


class AdaptingPage(QWidget):
    """A page that is arranged otherwise where it has less width."""

    def adapt(self, width: int) -> None:
        """Arrange the page for a pane that is `width` px wide."""
        raise NotImplementedError


def least_size(widget: QWidget, width: int) -> QSize:
    """Return the smallest size in px at which nothing of `widget` is cut, `width` px wide or more.

    Of a stack of pages it is that of the page in front.
    """
    page = widget.currentWidget() if isinstance(widget, QStackedWidget) else None
    if page is not None:
        return least_size(page, width)
    least = widget.minimumSizeHint().expandedTo(widget.minimumSize())
    layout = widget.layout()
    if layout is not None and layout.hasHeightForWidth():
        wide = max(width, least.width())
        least.setHeight(max(layout.totalMinimumHeightForWidth(wide), widget.minimumHeight()))
    return least


class ScrollPane(QScrollArea):
    """Shows `content` in the whole pane, and scrolls where that is too little.

    `upright` panes are as wide as their content and scroll up and down alone.
    """

    def __init__(self, content: QWidget, *, upright: bool = False) -> None:
        super().__init__()
        self._upright = upright
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(False)
        if upright:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)
        self.viewport().setAutoFillBackground(False)
        content.setAutoFillBackground(False)
        if isinstance(content, QStackedWidget):
            content.currentChanged.connect(self.fit)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def sizeHint(self) -> QSize:
        """As the content would have it."""
        content = self.widget()
        return content.sizeHint() if content is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """A pane may be small: what does not fit is scrolled."""
        content = self.widget()
        if self._upright and content is not None:
            return QSize(content.minimumSizeHint().width(), _LEAST.height())
        return _LEAST

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the content the room there is now."""
        super().resizeEvent(event)
        self.fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit anew whenever the content asks for another size; be hidden with it."""
        taken = super().eventFilter(watched, event)
        content = self.widget()
        # Without a parent the pane would be shown as a window of its own.
        inside = content is not None and self.parentWidget() is not None
        if inside and watched is content and event.type() in _HIDDEN_OR_SHOWN:
            self.setHidden(content.isHidden())
        if watched is self.widget() and event.type() is QEvent.Type.LayoutRequest:
            self.fit()
            self.updateGeometry()
        return taken

    def fit(self) -> None:
        """Make the content as large as the pane, or as its smallest size where that is larger."""
        content = self.widget()
        if content is None:
            return
        room = self.maximumViewportSize()
        bar = self.verticalScrollBar().sizeHint()
        beside = self.horizontalScrollBar().sizeHint().height()
        page = content.currentWidget() if isinstance(content, QStackedWidget) else content
        if isinstance(page, AdaptingPage):
            page.adapt(room.width())
        least = least_size(content, room.width())
        across = not self._upright and least.width() > room.width()
        height = room.height() - (beside if across else 0)
        if least.height() > height:  # a bar at the side takes width, and so may ask for height
            room.setWidth(room.width() - bar.width())
            least = least_size(content, room.width())
            across = not self._upright and least.width() > room.width()
        room.setHeight(room.height() - (beside if across else 0))
        wanted = room.expandedTo(least)
        if self._upright:
            wanted.setWidth(content.sizeHint().width())
            taken = bar.width() if least.height() > height else 0
            self.setFixedWidth(wanted.width() + taken)
        if content.size() != wanted:
            content.resize(wanted)

    def bring_into_sight(self, widget: QWidget) -> None:
        """Scroll so that the whole of `widget` is seen, or its cursor where it is too large."""
        content, room = self.widget(), self.viewport().size()
        if content is None:
            return
        box = QRect(widget.mapTo(content, QPoint(0, 0)), widget.size())
        if box.width() > room.width() or box.height() > room.height():
            self.ensureWidgetVisible(widget, _AROUND, _AROUND)
            return
        across = min(_AROUND, (room.width() - box.width()) // 2)
        upright = min(_AROUND, (room.height() - box.height()) // 2)
        for corner in (box.bottomRight(), box.topLeft()):
            self.ensureVisible(corner.x(), corner.y(), across, upright)

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Bring what has the focus into sight, in this pane and then in those around it."""
        if new is None or _pane_of(new) is not self:
            return
        pane: ScrollPane | None = self
        while pane is not None:
            content = pane.widget()
            if content is not None and content.isAncestorOf(new):
                pane.bring_into_sight(new)
            pane = _pane_of(pane)


def _pane_of(widget: QWidget) -> ScrollPane | None:
    """Return the innermost pane that `widget` stands in."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, ScrollPane):
        parent = parent.parentWidget()
    return parent
