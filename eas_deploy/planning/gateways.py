"""The dedicated gateway: which one, and the VPC it is reached from."""

from __future__ import annotations

from collections.abc import Sequence

from eas_deploy.calls import (
    DescribeGateway,
    GatewayInfo,
    LinkedVpc,
    ListGateway,
    ListGatewayIntranetLinkedVpc,
)
from eas_deploy.calls.steps import Plan, every, send
from eas_deploy.planning.gates import gate
from eas_deploy.planning.journal import Journal
from eas_deploy.planning.needs import GatewayNeed
from eas_deploy.planning.network import NetworkChoice, choose_security_group, missing, security_groups_of

_RUNNING = "Running"


def find_gateway(need: GatewayNeed, journal: Journal) -> Plan[NetworkChoice]:
    """The gateway with its VPC, vSwitches and a security group of that VPC.

    Raises:
        ResourceNotFoundError: No gateway that runs, no VPC, no vSwitch or no security group.
        GateError: One of the calls gave no usable answer.
    """
    gateways = yield from gate("ListGateway", every(ListGateway(), "find the gateway"))
    gateway_id = _choose(need.gateway_id, gateways, journal)
    links = yield from _links(gateway_id)
    vpc_id = _vpc(need, gateway_id, links, journal)
    vswitch_ids = _vswitches(need, gateway_id, vpc_id, links, journal)
    groups = yield from security_groups_of(vpc_id)
    linked = [one.security_group_id for one in links if one.vpc_id == vpc_id and one.security_group_id]
    group = choose_security_group(need.given.security_group_id, groups, vpc_id, journal, preferred=linked)
    return NetworkChoice(vpc_id, vswitch_ids, group, gateway_id)


def _choose(given: str | None, gateways: Sequence[GatewayInfo], journal: Journal) -> str:
    """The given gateway if it runs, else the default one that runs, else the first by id."""
    looked_at = [
        f"ListGateway: {', '.join(f'{one.gateway_id} ({one.status})' for one in gateways) or 'none'}"
    ]
    candidates = [one for one in gateways if one.gateway_id and given in {None, one.gateway_id}]
    if not candidates:
        which = f"Gateway {given} does not exist" if given else "There is no dedicated gateway"
        raise missing(
            "gateway",
            f"{which} in this region. Create one, or use the shared gateway.",
            looked_at,
            empty=not gateways,
        )
    running = [one for one in candidates if one.status == _RUNNING]
    if not running:
        which = f"Gateway {given} is not" if given else "No dedicated gateway is"
        raise missing("gateway", f"{which} Running. Wait until it is, or use another.", looked_at)
    chosen = min(running, key=lambda one: (not one.is_default, one.gateway_id))
    if given is None:
        why = "the default gateway" if chosen.is_default else f"the first by id of {len(running)} that run"
        journal.decide("gateway", str(chosen.gateway_id), f"{why}, of {len(candidates)} in the region")
    return str(chosen.gateway_id)


def _links(gateway_id: str) -> Plan[list[LinkedVpc]]:
    """The vSwitches the gateway is linked to: from DescribeGateway when it says so, else asked for."""
    described = yield from gate("DescribeGateway", send(DescribeGateway(gateway_id), "check the gateway"))
    told = [
        LinkedVpc(vpc_id=balancer.vpc_id, vswitch_id=vswitch_id)
        for balancer in described.load_balancer_list
        if balancer.vpc_id
        for vswitch_id in balancer.vswitch_ids
    ]
    if told:
        return told
    answer = yield from gate(
        "ListGatewayIntranetLinkedVpc",
        send(ListGatewayIntranetLinkedVpc(gateway_id), "find the gateway's VPC"),
    )
    usable = [one for one in answer.intranet_linked_vpc_list if one.vpc_id]
    return [one for one in usable if one.status in {None, _RUNNING}] or usable


def _vpc(need: GatewayNeed, gateway_id: str, links: Sequence[LinkedVpc], journal: Journal) -> str:
    """The given VPC if the gateway is linked to it, else the one that fits best.

    That is the VPC of the other ids that were given, else the one with the most vSwitches, then by id.
    """
    vpcs = sorted({str(one.vpc_id) for one in links})
    looked_at = [
        f"DescribeGateway and ListGatewayIntranetLinkedVpc of {gateway_id}: {', '.join(vpcs) or 'none'}"
    ]
    given = need.given.vpc_id
    if given is not None:
        if given not in vpcs:
            raise missing(
                "VPC",
                f"Gateway {gateway_id} is not linked to VPC {given}. Link it, or leave vpc_id out.",
                looked_at,
                empty=not vpcs,
            )
        return given
    if not vpcs:
        raise missing(
            "VPC",
            f"Gateway {gateway_id} is linked to no VPC. Link one in the EAS console.",
            looked_at,
            empty=True,
        )
    home = _home(need, links)
    sizes = {vpc: len({one.vswitch_id for one in links if one.vpc_id == vpc}) for vpc in vpcs}
    chosen = min(vpcs, key=lambda vpc: (vpc not in home, -sizes[vpc], vpc))
    if chosen in home:
        why = "the VPC of the ids that were given"
    else:
        why = (
            "the gateway's only VPC"
            if len(vpcs) == 1
            else f"most vSwitches of the gateway's {len(vpcs)} VPCs"
        )
    journal.decide("VPC", chosen, why)
    return chosen


def _home(need: GatewayNeed, links: Sequence[LinkedVpc]) -> set[str | None]:
    """The VPCs that hold the vSwitches that were given, else the security group."""
    given = need.given
    by_vswitch = {one.vpc_id for one in links if one.vswitch_id in given.vswitch_ids}
    group = given.security_group_id
    return by_vswitch or {one.vpc_id for one in links if group and one.security_group_id == group}


def _vswitches(
    need: GatewayNeed, gateway_id: str, vpc_id: str, links: Sequence[LinkedVpc], journal: Journal
) -> tuple[str, ...]:
    linked = tuple(dict.fromkeys(one.vswitch_id for one in links if one.vpc_id == vpc_id and one.vswitch_id))
    looked_at = [f"vSwitches of gateway {gateway_id} in {vpc_id}: {', '.join(linked) or 'none'}"]
    if not linked:
        raise missing(
            "vSwitch", f"Gateway {gateway_id} has no vSwitch in VPC {vpc_id}.", looked_at, empty=True
        )
    given = need.given.vswitch_ids
    strange = [one for one in given if one not in linked]
    if strange:
        raise missing(
            "vSwitch",
            f"Gateway {gateway_id} is not linked to vSwitch {', '.join(strange)} in VPC {vpc_id}.",
            looked_at,
        )
    if not given:
        journal.decide("vSwitch", ",".join(linked), "the ones the gateway is linked to")
    return given or linked
