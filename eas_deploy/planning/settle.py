"""Was the service created after all? The look-up after an answer that was lost.

A create whose answer got lost may have happened. The service carries the id of the one that created
it as a label, so asking for the name tells whose it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from eas_deploy._defaults import CREATE_VISIBILITY_S
from eas_deploy.calls import DescribeService, ServiceInfo
from eas_deploy.calls.steps import Plan, pause, send
from eas_deploy.errors import ApiError, EasDeployError, NotFoundError, TransportError

OWNER_LABEL = "eas-deploy-id"
"""Key of the label that carries the id of the deployment that created a service."""

FOREIGN_NAME = "Forbidden.PrivilegeCheckFailed"
"""Answered for a name that another account owns, so it cannot be a service of this one."""


_LATER = tuple(later - before for before, later in pairwise(CREATE_VISIBILITY_S))
"""The pauses between the look-ups, in seconds."""


@dataclass(frozen=True)
class Settled:
    """What the look-ups say.

    Attributes:
        verdict: ``"ours"``, ``"someone else's"``, ``"absent"`` (no look-up saw it), or ``"cannot tell"``.
        service: The service, when one was seen.
        error: The last error of a look-up that is no answer.
    """

    verdict: Literal["ours", "someone else's", "absent", "cannot tell"]
    service: ServiceInfo | None = None
    error: EasDeployError | None = None


@dataclass
class _Sightings:
    """What the look-ups have shown so far.

    Attributes:
        deploy_id: The id of the deployment that asks.
        service: The service as it was seen last; None while it was not.
        error: The last error of a look-up that is no answer.
        fields_settled: Whether the last look-up saw the service with a list of labels, an empty one.
    """

    deploy_id: str
    service: ServiceInfo | None = None
    error: EasDeployError | None = None
    fields_settled: bool = False

    def look(self, service: ServiceInfo) -> Settled | None:
        """Take in one sighting; the verdict, if this one decides.

        Right after a create some fields are still missing, labels among them: a service without the
        field is looked at again. An owner, or labels that name none, decide.
        """
        self.service = service
        owner = owner_of(service)
        if owner == self.deploy_id:
            # Ours, but without an id it cannot be reported yet.
            return Settled("ours", service) if service.service_id else None
        self.fields_settled = "labels" in service.model_fields_set
        if owner is not None or service.labels:
            return Settled("someone else's", service)
        return None

    def verdict(self) -> Settled:
        """The verdict when the visibility window is over."""
        if self.service is not None and self.fields_settled:
            return Settled("someone else's", self.service)
        if self.service is not None or self.error is not None:
            return Settled("cannot tell", self.service, self.error)
        return Settled("absent")


def owner_of(service: ServiceInfo) -> str | None:
    """The id of the deployment that created ``service``; None if its labels name none."""
    for label in service.labels:
        if label.label_key == OWNER_LABEL:
            return label.label_value
    return None


def settle(name: str, deploy_id: str) -> Plan[Settled]:
    """Whether the service ``name`` exists and who created it, looked up over the visibility window.

    A service that shows up without its labels is given the whole window, from that moment on, to tell them.
    """
    sightings = _Sightings(deploy_id)
    waits = [CREATE_VISIBILITY_S[0], *_LATER]
    while waits:
        seen_before = sightings.service is not None
        decided = yield from _look_up(name, waits.pop(0), sightings)
        if decided is not None:
            return decided
        if sightings.service is not None and not seen_before:
            waits = list(_LATER)
    return sightings.verdict()


def _look_up(name: str, wait_s: float, sightings: _Sightings) -> Plan[Settled | None]:
    """Look once, after a pause; the verdict, if this look decides."""
    sightings.fields_settled = False
    try:
        yield from pause(wait_s)
        service = yield from send(DescribeService(name), "settle create")
    except NotFoundError:
        return None
    except (ApiError, TransportError) as error:
        if isinstance(error, ApiError) and error.code == FOREIGN_NAME:
            return Settled("someone else's")
        sightings.error = error
        return None
    return sightings.look(service)
