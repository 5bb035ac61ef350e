"""The keys about the self-service lane, as rows of the schema's table."""

from typing import Any, Final

from app.core.lane import Lane
from app.settings.kinds import Choice, Whole

LANE_ROWS: Final[tuple[dict[str, Any], ...]] = (
    {
        "section": "desk",
        "name": "lane",
        "kind": Choice(Lane),
        "about": "Who stands here: an operator who serves people, or people who serve themselves.",
        "default": "operator",
    },
    {
        "section": "lane",
        "name": "idle",
        "kind": Whole(20, 900),
        "about": "The seconds without a sign of life after which self-service forgets whoever "
        "was there.",
        "default": 90,
    },
    {
        "section": "lane",
        "name": "goodbye",
        "kind": Whole(5, 120),
        "about": "The seconds for which self-service shows that it is done before it forgets.",
        "default": 20,
    },
)
