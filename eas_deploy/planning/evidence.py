"""Stage B: what is there to deploy with. Both mandatory calls, and the discoveries of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from eas_deploy.calls import DescribeMachineSpec, ImageInfo, ListImages, MachineSpec
from eas_deploy.calls.steps import Plan, every, send, together
from eas_deploy.catalog.images import is_answered
from eas_deploy.planning.datasets import check_datasets
from eas_deploy.planning.gates import gate
from eas_deploy.planning.gateways import find_gateway
from eas_deploy.planning.journal import Journal
from eas_deploy.planning.load_balancers import find_nlb
from eas_deploy.planning.needs import GatewayNeed, Needs, NlbNeed, ResourceNeed
from eas_deploy.planning.network import NetworkChoice
from eas_deploy.planning.resource_groups import ResourceChoice, find_resource_group

OFFICIAL_IMAGES = "system.official=true,system.supported.eas=true"
"""The labels of the images that EAS supports."""


@dataclass(frozen=True)
class Evidence:
    """What stage B has found."""

    images: tuple[ImageInfo, ...]
    specs: tuple[MachineSpec, ...]
    network: NetworkChoice | None = None
    resource: ResourceChoice | None = None
    journal: Journal = field(default_factory=Journal)


def gather(needs: Needs) -> Plan[Evidence]:
    """The evidence for ``needs``, its calls side by side, the mandatory two started first.

    Raises:
        GateError: ListImages or DescribeMachineSpec, or a network call, gave no usable answer.
        ApiError: One of them was refused.
        ResourceNotFoundError: A required network resource or resource group is missing.
    """
    journals = [Journal() for _ in range(3)]
    images, specs, network, resource, _ = yield from together(
        gate("ListImages", _images(needs)),
        gate("DescribeMachineSpec", _specs()),
        _network(needs, journals[0]),
        _resource_group(needs.resource_group, needs.replicas, journals[1]),
        check_datasets(needs, journals[2]),
    )
    merged = Journal()
    for journal in journals:
        merged.decisions += journal.decisions
        merged.findings += journal.findings
    return Evidence(tuple(images), tuple(specs), network, resource, merged)


def _images(needs: Needs) -> Plan[list[ImageInfo]]:
    return every(
        ListImages(labels=OFFICIAL_IMAGES, verbose=True), "check the image", until=_all_found(needs.images)
    )


def _all_found(references: Iterable[str]) -> Callable[[ImageInfo], bool]:
    """A test that is true from the image on with which every reference has had its answer."""
    open_ends = {reference: is_answered(reference) for reference in references}

    def last(image: ImageInfo) -> bool:
        for reference in [one for one, fits in open_ends.items() if fits(image)]:
            del open_ends[reference]
        return not open_ends

    return last


def _specs() -> Plan[list[MachineSpec]]:
    answer = yield from send(DescribeMachineSpec(), "check the instance type")
    return answer.instance_metas


def _network(needs: Needs, journal: Journal) -> Plan[NetworkChoice | None]:
    if isinstance(needs.network, GatewayNeed):
        return (yield from find_gateway(needs.network, journal))
    if isinstance(needs.network, NlbNeed):
        return (yield from find_nlb(needs.network, journal))
    return None


def _resource_group(
    need: ResourceNeed | None, replicas: int, journal: Journal
) -> Plan[ResourceChoice | None]:
    if need is None:
        return None
    return (yield from find_resource_group(need, replicas, journal))
