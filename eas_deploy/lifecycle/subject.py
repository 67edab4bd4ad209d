"""What is known of the service that plans are about: its name, what was read of it, how it is reached.

State only; plans read and write it, and the handles show it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from eas_deploy.calls import DescribeService, ServiceInfo
from eas_deploy.calls.steps import Plan, send
from eas_deploy.lifecycle.access import Access
from eas_deploy.lifecycle.invocation import Edge
from eas_deploy.lifecycle.settling import Asked


@dataclass
class Subject:
    """A service by its name.

    Attributes:
        name: The service name.
        edge: The outside.
        info: What was read of it last; None before.
        asked: The last change that it may not show yet; None once it does.
        going: Whether it is known to be deleted, or about to be: this handle's own delete was accepted, or it
            was seen so. Then a look that does not find it proves that it is gone; else it may only lag behind.
        access: Its addresses and token, looked up once; None before.
        model: The name under which its first model is served, looked up once; None before.
        prefer: The endpoint that calls go to: its type or the id behind it; None leaves it to `Access`.
        dice: Random numbers, 0 to 1, for pauses.
    """

    name: str
    edge: Edge = field(repr=False)
    info: ServiceInfo | None = None
    asked: Asked | None = None
    going: bool = False
    access: Access | None = None
    model: str | None = None
    prefer: str | None = None
    dice: Callable[[], float] = field(default=random.random, repr=False)

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        seconds: float = self.edge.clock.monotonic()
        return seconds


def look(subject: Subject, purpose: str) -> Plan[ServiceInfo]:
    """The present state of the service, kept in ``subject`` too.

    Raises:
        NotFoundError: There is no such service.
    """
    info: ServiceInfo = yield from send(DescribeService(subject.name), purpose)
    return saw(subject, info)


def saw(subject: Subject, info: ServiceInfo) -> ServiceInfo:
    """``info``, which was just read of the service, kept in ``subject`` too."""
    subject.info = info
    if subject.asked is not None and subject.asked.shows_in(info, subject.monotonic()):
        subject.asked = None
    if subject.asked is None:  # else it may be from before the delete
        subject.going = info.status in {"Deleting", "Deleted"}
    return info
