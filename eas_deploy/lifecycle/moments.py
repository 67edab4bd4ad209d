"""Times as the API writes and takes them, and ages in words. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TypeAlias

Moment: TypeAlias = datetime | str
"""A time: a datetime (without a zone it is UTC), or a text like ``"2026-01-02 03:04:05"``, UTC."""

_FRACTION = re.compile(r"\.\d+")
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def written(moment: Moment | None) -> str | None:
    """The time as the API takes it."""
    if moment is None or isinstance(moment, str):
        return moment
    return _in_utc(moment).strftime("%Y-%m-%d %H:%M:%S")


def moment_of(text: str | None) -> datetime | None:
    """The time that the API wrote, to the second; None if it is none. Without a zone it is UTC."""
    try:
        # Python 3.10 reads neither "Z" nor fractions of any length.
        return _in_utc(datetime.fromisoformat(_FRACTION.sub("", text or "").replace("Z", "+00:00")))
    except ValueError:
        return None


def _in_utc(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)


def ago(seconds: float) -> str:
    """An age in words, such as ``"3 h ago"``."""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"
