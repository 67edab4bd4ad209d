"""What every network that a service is attached to has in common: a VPC, its vSwitches, a security group.

What the caller gave is verified, what is missing is chosen, and both are in one VPC.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eas_deploy.calls import DescribeSecurityGroups, DescribeVSwitches, SecurityGroupInfo, VSwitchInfo
from eas_deploy.calls.steps import Plan, every
from eas_deploy.errors import ResourceNotFoundError
from eas_deploy.planning.gates import gate
from eas_deploy.planning.journal import Journal

MAY_BE_A_PERMISSION = (
    "An empty list may also mean that the key lacks the permission to see what is there; "
    "plan.ram_policy() and Planner.outline() name the actions."
)
"""ECS and VPC answered a missing permission with an empty list until late 2025."""

NLB_ZONES = 2
"""An NLB stands in at least two zones. Source: Alibaba Cloud NLB, limits."""

_AVAILABLE = "Available"


@dataclass(frozen=True)
class NetworkChoice:
    """The network a service is attached to, every id known and checked.

    Attributes:
        vpc_id: The VPC that everything is in.
        vswitch_ids: One vSwitch, or several in different zones.
        security_group_id: A security group of that VPC.
        gateway_id: The dedicated gateway; None for an NLB.
    """

    vpc_id: str
    vswitch_ids: tuple[str, ...]
    security_group_id: str
    gateway_id: str | None = None


def missing(kind: str, what: str, looked_at: Sequence[str], *, empty: bool = False) -> ResourceNotFoundError:
    """The stop for a resource that is not there.

    Args:
        kind: ``"gateway"``, ``"VPC"``, ``"vSwitch"``, ``"security group"``.
        what: What is wrong and what to do, as sentences.
        looked_at: Which lists were read, and what they held.
        empty: Whether a list was empty, which may hide a missing permission.
    """
    return ResourceNotFoundError(
        f"{what} {MAY_BE_A_PERMISSION}" if empty else what, kind=kind, looked_at=looked_at
    )


def vswitches_of(vpc_id: str | None) -> Plan[list[VSwitchInfo]]:
    """The vSwitches of a VPC, or of the region when ``vpc_id`` is None."""
    return gate("DescribeVSwitches", every(DescribeVSwitches(vpc_id=vpc_id), "find the vSwitches"))


def security_groups_of(vpc_id: str | None) -> Plan[list[SecurityGroupInfo]]:
    """The security groups of a VPC, or of the region when ``vpc_id`` is None."""
    return gate(
        "DescribeSecurityGroups", every(DescribeSecurityGroups(vpc_id=vpc_id), "find the security group")
    )


def best_per_zone(vswitches: Iterable[VSwitchInfo]) -> list[VSwitchInfo]:
    """In each zone the usable vSwitch with the most free addresses, the freest zone first; ties by id."""
    best: dict[str, VSwitchInfo] = {}
    for vswitch in sorted(filter(_usable, vswitches), key=_freest_first):
        best.setdefault(str(vswitch.zone_id), vswitch)
    return list(best.values())


def _usable(vswitch: VSwitchInfo) -> bool:
    has_room = vswitch.available_ip_address_count is None or vswitch.available_ip_address_count > 0
    return bool(vswitch.vswitch_id and vswitch.zone_id) and vswitch.status in {None, _AVAILABLE} and has_room


def _freest_first(vswitch: VSwitchInfo) -> tuple[int, str]:
    return -(vswitch.available_ip_address_count or 0), vswitch.vswitch_id or ""


def choose_two_zones(
    given: Sequence[str], vswitches: Sequence[VSwitchInfo], vpc_id: str, journal: Journal
) -> tuple[str, ...]:
    """VSwitches of ``vpc_id`` in two zones: the given ones as they are, else the two zones with most room.

    Raises:
        ResourceNotFoundError: A given one is not in the VPC, or there are not two zones.
    """
    of_vpc = [one for one in vswitches if one.vpc_id in {None, vpc_id}]
    # What was given is never completed: a service in more networks than were named is no small matter.
    known = verify_vswitches(given, of_vpc, vpc_id) if given else best_per_zone(of_vpc)[:NLB_ZONES]
    if len({one.zone_id for one in known}) < NLB_ZONES:
        seen = ", ".join(f"{one.vswitch_id} in {one.zone_id}" for one in of_vpc) or "none"
        which = (
            f"the given ones ({', '.join(given)}) are in one. Give one of another zone too, or leave them out."
            if given
            else f"VPC {vpc_id} has none in a second zone that is Available with free addresses. Create one, "
            "or choose another VPC."
        )
        raise missing(
            "vSwitch",
            f"An NLB needs vSwitches in two different zones and {which}",
            [f"DescribeVSwitches of {vpc_id}: {seen}"],
            empty=not of_vpc,
        )
    chosen = tuple(str(one.vswitch_id) for one in known)
    if not given:
        zones = " and ".join(str(one.zone_id) for one in known)
        journal.decide("vSwitch", ",".join(chosen), f"most free addresses, in {zones}")
    return chosen


def verify_vswitches(
    given: Sequence[str], vswitches: Sequence[VSwitchInfo], vpc_id: str
) -> list[VSwitchInfo]:
    """The given vSwitches, which must be in the VPC.

    Raises:
        ResourceNotFoundError: One is not.
    """
    by_id = {one.vswitch_id: one for one in vswitches if one.vpc_id in {None, vpc_id}}
    for vswitch_id in given:
        if vswitch_id not in by_id:
            listed = ", ".join(str(key) for key in by_id) or "none"
            raise missing(
                "vSwitch",
                f"VSwitch {vswitch_id} is not in VPC {vpc_id}. Give one of that VPC, or leave vswitch_ids out.",
                [f"DescribeVSwitches of {vpc_id}: {listed}"],
                empty=not by_id,
            )
    return [by_id[vswitch_id] for vswitch_id in given]


def choose_security_group(
    given: str | None,
    groups: Sequence[SecurityGroupInfo],
    vpc_id: str,
    journal: Journal,
    preferred: Iterable[str] = (),
) -> str:
    """The given security group, which must be in the VPC, or one that no other product manages.

    Args:
        given: The caller's id, or None.
        groups: What DescribeSecurityGroups lists.
        vpc_id: The VPC that everything is in.
        journal: Where a choice is written down.
        preferred: Ids to take before others, the first first.

    Raises:
        ResourceNotFoundError: There is none, or the given one is not among them.
    """
    of_vpc = [one for one in groups if one.vpc_id in {None, vpc_id} and one.security_group_id]
    listed = ", ".join(str(one.security_group_id) for one in of_vpc) or "none"
    looked_at = [f"DescribeSecurityGroups of {vpc_id}: {listed}"]
    if given is not None:
        if given not in {one.security_group_id for one in of_vpc}:
            raise missing(
                "security group",
                f"Security group {given} is not in VPC {vpc_id}. Give one of that VPC, or leave it out.",
                looked_at,
                empty=not of_vpc,
            )
        return given
    free = sorted(str(one.security_group_id) for one in of_vpc if not one.service_managed)
    if not free:
        raise missing(
            "security group",
            f"VPC {vpc_id} has no security group that can be used (those of other products cannot). Create one.",
            looked_at,
            empty=not of_vpc,
        )
    linked = [one for one in preferred if one in free]
    chosen = (linked or free)[0]
    why = "the gateway uses it" if linked else f"the first by id of {len(free)} that no other product manages"
    journal.decide("security group", chosen, why)
    return chosen
