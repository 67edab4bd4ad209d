"""NLBs: the network of one that the system creates, and the checks of one that exists."""

from __future__ import annotations

from collections.abc import Sequence

from eas_deploy.calls import (
    DescribeVpcs,
    GetLoadBalancerAttribute,
    ListenerInfo,
    ListListeners,
    ListLoadBalancers,
    LoadBalancerInfo,
    SecurityGroupInfo,
    VpcInfo,
    VSwitchInfo,
)
from eas_deploy.calls.steps import Plan, every, send, together
from eas_deploy.errors import NotFoundError
from eas_deploy.planning.gates import gate, optional
from eas_deploy.planning.journal import Journal
from eas_deploy.planning.needs import NlbNeed, VpcIds
from eas_deploy.planning.network import (
    NLB_ZONES,
    NetworkChoice,
    best_per_zone,
    choose_security_group,
    choose_two_zones,
    missing,
    security_groups_of,
    verify_vswitches,
    vswitches_of,
)


def find_nlb(need: NlbNeed, journal: Journal) -> Plan[NetworkChoice]:
    """The VPC, vSwitches and security group for the listeners of ``need``.

    Raises:
        ResourceNotFoundError: Something is missing, in the wrong VPC or zone, or a port is taken.
        GateError: One of the calls gave no usable answer.
    """
    if need.existing:
        return (yield from _existing(need, journal))
    return (yield from _created_by_system(need.given, journal))


def _created_by_system(given: VpcIds, journal: Journal) -> Plan[NetworkChoice]:
    if given.vpc_id is not None:
        vpc_id = given.vpc_id
        vswitches, groups = yield from together(vswitches_of(vpc_id), security_groups_of(vpc_id))
    else:
        vpc_id, vswitches, groups = yield from _choose_vpc(given, journal)
    chosen = choose_two_zones(given.vswitch_ids, vswitches, vpc_id, journal)
    group = choose_security_group(given.security_group_id, groups, vpc_id, journal)
    return NetworkChoice(vpc_id, chosen, group)


def _choose_vpc(
    given: VpcIds, journal: Journal
) -> Plan[tuple[str, list[VSwitchInfo], list[SecurityGroupInfo]]]:
    """A VPC that holds what was given and has two zones, with its vSwitches and security groups."""
    vpcs = yield from gate("DescribeVpcs", every(DescribeVpcs(), "find the VPC"))
    usable = [one for one in vpcs if one.vpc_id and one.status in {None, "Available"}]
    if not usable:
        raise missing(
            "VPC",
            "An NLB needs a VPC and there is none that is Available in this region. Create one.",
            [f"DescribeVpcs: {', '.join(f'{one.vpc_id} ({one.status})' for one in vpcs) or 'none'}"],
            empty=not vpcs,
        )
    # One candidate is asked about alone; among several, the vSwitches of the region tell which will do.
    vswitches = yield from vswitches_of(usable[0].vpc_id if len(usable) == 1 else None)
    groups: list[SecurityGroupInfo] | None = None
    home = {one.vpc_id for one in vswitches if one.vswitch_id in given.vswitch_ids}
    if given.security_group_id is not None and not home:
        groups = yield from security_groups_of(None)
        home = {one.vpc_id for one in groups if one.security_group_id == given.security_group_id}
    vpc_id = _vpc_with_two_zones(usable, vswitches, home, journal)
    if groups is None:
        groups = yield from security_groups_of(vpc_id)
    return vpc_id, vswitches, groups


def _vpc_with_two_zones(
    vpcs: Sequence[VpcInfo], vswitches: Sequence[VSwitchInfo], home: set[str | None], journal: Journal
) -> str:
    """The VPC of what was given, else one with two zones: the default VPC first, then by zones and id."""
    zones = {vpc.vpc_id: len(best_per_zone(v for v in vswitches if v.vpc_id == vpc.vpc_id)) for vpc in vpcs}
    candidates = [vpc for vpc in vpcs if not home or vpc.vpc_id in home]
    fitting = [vpc for vpc in candidates if zones[vpc.vpc_id] >= NLB_ZONES]
    if not fitting:
        seen = "; ".join(f"{vpc.vpc_id}: {zones[vpc.vpc_id]}" for vpc in candidates) or "none"
        raise missing(
            "vSwitch",
            "An NLB needs vSwitches in two different zones of one VPC, Available and with free addresses, "
            "and no VPC has them. Create a vSwitch in a second zone.",
            [f"zones with a usable vSwitch by VPC: {seen}"],
            empty=not vswitches,
        )
    chosen = min(fitting, key=lambda vpc: (not vpc.is_default, -zones[vpc.vpc_id], vpc.vpc_id or ""))
    if home:
        why = "the VPC of the ids that were given"
    elif len(vpcs) == 1:
        why = "the only VPC of the region"
    else:
        why = f"{'the default VPC' if chosen.is_default else 'a VPC'} with {zones[chosen.vpc_id]} zones"
    journal.decide("VPC", str(chosen.vpc_id), why)
    return str(chosen.vpc_id)


def _existing(need: NlbNeed, journal: Journal) -> Plan[NetworkChoice]:
    found = []
    for nlb_id in need.existing:
        balancer = yield from _balancer(nlb_id, journal)
        found.append(balancer)
    vpc_id = _vpc_of(found, need.given.vpc_id)
    for balancer in found:
        _check_zones(balancer)
    listeners, (vswitches, groups) = yield from together(
        gate(
            "ListListeners",
            every(ListListeners(load_balancer_ids=need.existing), "check that the ports are free"),
        ),
        together(vswitches_of(vpc_id), security_groups_of(vpc_id)),
    )
    _check_ports(need, listeners)
    wanted = need.given.vswitch_ids
    if not wanted:
        wanted = tuple(str(zone.vswitch_id) for zone in found[0].zone_mappings if zone.vswitch_id)
        journal.decide("vSwitch", ",".join(wanted), f"the ones of {found[0].load_balancer_id}")
    verify_vswitches(wanted, vswitches, vpc_id)
    group = choose_security_group(need.given.security_group_id, groups, vpc_id, journal)
    return NetworkChoice(vpc_id, wanted, group)


def _balancer(nlb_id: str, journal: Journal) -> Plan[LoadBalancerInfo]:
    try:
        return (
            yield from gate(
                "GetLoadBalancerAttribute", send(GetLoadBalancerAttribute(nlb_id), "check the NLB")
            )
        )
    except NotFoundError as error:
        listed = yield from optional(
            every(ListLoadBalancers(), "list the NLBs that exist"),
            journal,
            rule="nlb.unlisted",
            what="the NLBs of the region could not be listed",
        )
        names = ", ".join(f"{one.load_balancer_id} in {one.vpc_id}" for one in listed or ()) or "none"
        if listed is None:
            names = "could not be listed"
        raise missing(
            "NLB",
            f"NLB {nlb_id} does not exist in this region. Give one that does, or nlb_id='default' for a new one.",
            [f"GetLoadBalancerAttribute of {nlb_id}", f"ListLoadBalancers: {names}"],
            empty=not listed,
        ) from error


def _vpc_of(balancers: Sequence[LoadBalancerInfo], given: str | None) -> str:
    """The one VPC that all the load balancers are in."""
    looked_at = [f"{one.load_balancer_id} is in {one.vpc_id}" for one in balancers]
    vpcs = {one.vpc_id for one in balancers} | ({given} if given else set())
    if len(vpcs) != 1:
        asked = f", and {given} was asked for" if given else ""
        raise missing("VPC", f"The NLBs and the service must be in one VPC{asked}.", looked_at)
    (vpc_id,) = vpcs
    if not vpc_id:
        raise missing("VPC", "The NLB names no VPC.", looked_at)
    return vpc_id


def _check_zones(balancer: LoadBalancerInfo) -> None:
    zones = sorted({str(one.zone_id) for one in balancer.zone_mappings if one.zone_id})
    if len(zones) < NLB_ZONES:
        raise missing(
            "vSwitch",
            f"NLB {balancer.load_balancer_id} has vSwitches in {len(zones)} zone(s) and needs two. Add a zone to it.",
            [f"zones of {balancer.load_balancer_id}: {', '.join(zones) or 'none'}"],
        )


def _check_ports(need: NlbNeed, listeners: Sequence[ListenerInfo]) -> None:
    taken = {(one.load_balancer_id, one.listener_port) for one in listeners}
    for wanted in need.listeners:
        if (wanted.nlb_id, wanted.port) in taken:
            ports = sorted(port for nlb, port in taken if nlb == wanted.nlb_id and port is not None)
            raise missing(
                "listener port",
                f"Port {wanted.port} of NLB {wanted.nlb_id} has a listener already. Choose another listener_port.",
                [f"listeners of {wanted.nlb_id}: {', '.join(map(str, ports))}"],
            )
