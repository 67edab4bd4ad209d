"""What can be waited for: which states end a wait, and what to do then, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

Goal: TypeAlias = Literal["Running", "Stopped", "Deleted"]
"""What can be waited for."""

OnTimeout: TypeAlias = Literal["stop", "delete"]
"""What may be done with a service that did not get there in time, so that it costs nothing more."""

# From these a service does not come to the goal by itself: what to know, or to do next.
_AGAIN = "Next: delete() it again, or ask Alibaba Cloud support with its reason."
_GOING = 'It is being deleted; wait(until="Deleted") waits for the end.'
_GONE = "It cannot be found any more."
_ENDS: Mapping[Goal, Mapping[str, str]] = MappingProxyType(
    {
        "Running": {
            "Failed": "Next: mend the cause, then update() or restart() it; diagnose() says more.",
            "Stopped": "Next: start() it.",
            "Complete": "It has done its work; restart() runs it again.",
            "Deleting": _GOING,
            "DeleteFailed": _AGAIN,
            "Deleted": _GONE,
        },
        "Stopped": {
            "Failed": "Next: stop() or delete() it, if nobody has yet.",
            "Complete": "It has done its work; delete() it if it is not needed any more.",
            "Deleting": _GOING,
            "DeleteFailed": _AGAIN,
            "Deleted": _GONE,
        },
        "Deleted": {"DeleteFailed": _AGAIN},
    }
)
_LATE: Mapping[Goal, str] = MappingProxyType(
    {
        "Running": "Wait longer with timeout_s, look at diagnose(), or stop() or delete() it.",
        "Stopped": "Wait longer with timeout_s, or stop() it if nobody has yet.",
        "Deleted": "Wait longer with timeout_s, or delete() it if nobody has yet.",
    }
)


def ends(goal: Goal, status: str | None) -> bool:
    """Whether a service with this status does not come to the goal by itself."""
    return status in _ENDS[goal]


def next_step(goal: Goal, status: str) -> str:
    """What to know or to do about a service that has ended with this status."""
    return _ENDS[goal][status]


def when_late(goal: Goal, *, seen: bool) -> str:
    """What to do about a service that did not come to the goal in time.

    Args:
        goal: What was waited for.
        seen: Whether it is known to exist.
    """
    return f"It {'still exists and may' if seen else 'may exist and'} cost money. {_LATE[goal]}"
