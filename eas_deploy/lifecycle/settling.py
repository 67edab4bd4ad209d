"""Whether a look at a service shows its last change yet: the API may tell of the time before for a moment.

Pure. Nothing says how long that lasts. So a look that shows the service as it was counts for nothing until the
change is seen, or so much time is over that it must have begun.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from eas_deploy._defaults import CREATE_VISIBILITY_S
from eas_deploy.calls import ServiceInfo

SETTLE_S = CREATE_VISIBILITY_S[-1]
"""Seconds after a change for which a service that looks as before may not show it yet: for as long a new service
may not show up. Inferred like that, not documented."""

# Only out of these a service does not move by itself, so that another status tells of the change.
_RESTING = frozenset({"Running", "Stopped", "Failed", "Complete", "DeleteFailed"})

Carried: TypeAlias = Callable[[ServiceInfo], bool]
"""Whether a look at a service shows that a change was carried out, whatever its status was before."""


@dataclass(frozen=True)
class Asked:
    """A change that the service has accepted, or may have.

    Attributes:
        action: What was asked for: ``"stop"``, ``"update"``.
        before: The status before; None if it could not be read.
        at: When, on the monotonic clock.
        carried: What shows that it was carried out.
    """

    action: str
    before: str | None
    at: float
    carried: Carried = field(repr=False)

    def shows_in(self, info: ServiceInfo, now: float) -> bool:
        """Whether what was just read of the service may be taken as its state after the change."""
        moved = self.before in _RESTING and info.status != self.before
        # Nothing comes after the end, so it is never from before.
        return moved or info.status == "Deleted" or now - self.at >= SETTLE_S or self.carried(info)


def never(_: ServiceInfo) -> bool:
    """For a change that only the status shows: a restarted service is as it was, a deleted one is Deleted."""
    return False


def in_status(status: str) -> Carried:
    """Carried out when the service has this status, which it may have had before too."""
    return lambda info: info.status == status


def with_replicas(replicas: int) -> Carried:
    """Carried out when as many replicas are wanted, and run."""
    return lambda info: info.total_instance == info.running_instance == replicas


def at_version(version: int) -> Carried:
    """Carried out when the service runs this version."""
    return lambda info: info.current_version == version


def newer_than(before: ServiceInfo) -> Carried:
    """Carried out when the service runs its latest version, and that has come since ``before``."""
    known = before.latest_version

    def is_newer(info: ServiceInfo) -> bool:
        latest = info.latest_version
        return None not in {known, latest} and latest != known and info.current_version == latest

    return is_newer
