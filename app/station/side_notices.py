"""Every notice of what stands beside the desk: they are told apart by their types alone."""

from app.station.checkup_notice import CheckupNotice
from app.station.lane_notice import LaneNotice
from app.station.life_notices import OfLife
from app.station.lock_notices import AbandonedNotice, NotTakenNotice
from app.station.pass_notice import PassNotice
from app.station.receipt_notice import ReceiptNews

SideNotice = (
    CheckupNotice
    | OfLife
    | NotTakenNotice
    | AbandonedNotice
    | ReceiptNews
    | LaneNotice
    | PassNotice
)
