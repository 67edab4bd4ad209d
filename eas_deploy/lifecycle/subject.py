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


@dataclass
class Subject:
    """A service by its name.

    Attributes:
        name: The service name.
        edge: The outside.
        info: What was read of it last; None before.
        access: Its addresses and token, looked up once; None before.
        model: The name under which its first model is served, looked up once; None before.
        dice: Random numbers, 0 to 1, for pauses.
    """

    name: str
    edge: Edge = field(repr=False)
    info: ServiceInfo | None = None
    access: Access | None = None
    model: str | None = None
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
    subject.info = yield from send(DescribeService(subject.name), purpose)
    return subject.info
