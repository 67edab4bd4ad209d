"""Stage D: one look at the service that exists now. Nothing here can undo the success."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from eas_deploy.calls import (
    DescribeService,
    DescribeServiceEndpoints,
    DescribeServiceEndpointsAnswer,
    ServiceInfo,
)
from eas_deploy.calls.base import A, Call
from eas_deploy.calls.steps import Plan, send, together
from eas_deploy.errors import ApiError, TransportError
from eas_deploy.planning.journal import in_brief, missing_permission

T = TypeVar("T")


@dataclass(frozen=True)
class Verified:
    """What the two reads told; None for one that failed, with a notice that says why."""

    service: ServiceInfo | None
    endpoints: DescribeServiceEndpointsAnswer | None
    notices: tuple[str, ...] = ()


def verify(name: str) -> Plan[Verified]:
    """The service and its endpoints, read once each. Failures become notices: the service exists."""
    notices: list[str] = []
    service, endpoints = yield from together(
        _read(DescribeService(name), "status", notices),
        _read(DescribeServiceEndpoints(name), "endpoints", notices),
    )
    return Verified(service, endpoints, tuple(notices))


def _read(call: Call[A], what: str, notices: list[str]) -> Plan[A | None]:
    try:
        return (yield from send(call, f"read the {what}"))
    except (ApiError, TransportError) as error:
        hint = missing_permission(error)
        notices.append(
            f"The service was created, but its {what} could not be read: {in_brief(error)}."
            + (f" To read it, {hint}." if hint else "")
        )
        return None
