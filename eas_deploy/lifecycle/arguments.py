"""What is asked of a service, refused before anything is sent if it makes no sense.

Pure. Whatever is passed here is no secret, so the errors quote it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def one_of(argument: str, value: Any, choices: Sequence[Any]) -> None:
    """Let pass what is one of ``choices``.

    Raises:
        ValueError: It is none of them; names them all.
    """
    if value not in choices:
        raise ValueError(f"{argument}={value!r} is not one of {', '.join(map(repr, choices))}")


def seconds(argument: str, value: float) -> None:
    """Let pass a time that is more than none.

    Raises:
        ValueError: It is not.
    """
    if not value > 0:  # so that NaN does not pass either
        raise ValueError(f"{argument}={value!r} is no time to wait; give seconds, more than 0")


def whole(argument: str, value: Any, least: int) -> None:
    """Let pass a whole number from ``least`` on.

    Raises:
        ValueError: It is none, or less.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{argument}={value!r} is not a whole number from {least} on")
