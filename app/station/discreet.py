"""A kiosk tells nobody who was served there before: its list of the day stays with the record."""

from app.station.context import Notify
from app.station.notices import CorrectionNotice, Notice, TodayNotice


def discreet(notify: Notify) -> Notify:
    """Return `notify` without the list of the day and what is corrected in it."""

    def told(notice: Notice) -> None:
        if not isinstance(notice, TodayNotice | CorrectionNotice):
            notify(notice)

    return told
