"""A kiosk tells nobody who was served there before: its list of the day stays with the record."""

from app.station.notices import Notice, TodayNotice
from app.station.setup import Notify


def discreet(notify: Notify) -> Notify:
    """Return `notify` without the list of the day."""

    def told(notice: Notice) -> None:
        if not isinstance(notice, TodayNotice):
            notify(notice)

    return told
