"""The directory, watched for the one fault that is not the fault of a card: the sign-in has ended.

Any call may be the first to meet it, and what each part of the station does with its own failure is
right as it is. So the calls are watched here, in one place, and go on as they went.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, cast

from app.core.errors import DirectoryError, SignInError, SignInExpired, SignInRefused
from app.core.ports import Directory

Lost = Callable[[SignInError | DirectoryError], None]


class _Watched:
    """Passes every call on, whichever the port has: one left out would be one that nobody hears."""

    def __init__(self, directory: Directory, lost: Lost) -> None:
        self._directory = directory
        self._lost = lost

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        call: Callable[..., Awaitable[Any]] = getattr(self._directory, name)

        @wraps(call)
        async def watched(*arguments: Any, **options: Any) -> Any:
            try:
                return await call(*arguments, **options)
            except (SignInRefused, SignInExpired) as error:
                self._lost(error)
                raise

        return watched


def watched(directory: Directory, lost: Lost) -> Directory:
    """Return `directory`; `lost` is told of every call that a sign-in which ended has failed."""
    return cast("Directory", _Watched(directory, lost))
