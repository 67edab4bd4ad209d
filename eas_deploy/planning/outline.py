"""The calls that a deployment will make, told before any is sent.

Pure: what is listed follows from the request alone. The plan carries the same list, and the RAM
policy is derived from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from eas_deploy import calls
from eas_deploy.calls.base import Call
from eas_deploy.planning.needs import GatewayNeed, Needs, NlbNeed

Stage = Literal["identity", "evidence", "create", "verify"]
"""The four stages of the procedure; a stage starts only when the one before it is complete."""

_MANDATORY: dict[type[Call[Any]], int] = {
    calls.ListImages: 1,
    calls.DescribeMachineSpec: 2,
    calls.CreateService: 3,
    calls.DescribeService: 4,
    calls.DescribeServiceEndpoints: 5,
}


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call that the deployment makes.

    Attributes:
        operation: Alibaba's name, ``"ListImages"``.
        stage: ``"identity"``, ``"evidence"``, ``"create"`` or ``"verify"``.
        purpose: What it is for, in words.
        ram_action: The RAM action it needs, ``"paiimage:ListImages"``.
        billable: Whether money is spent from it on.
        mandatory: 1 to 5 for the calls that every deployment makes, else None.
    """

    operation: str
    stage: Stage
    purpose: str
    ram_action: str
    billable: bool = False
    mandatory: int | None = None


def outline(needs: Needs) -> tuple[PlannedCall, ...]:
    """The calls for ``needs``, in the order in which they are started."""
    return (*_identity(needs), *_evidence(needs), *_create(), *_verify())


def _planned(call: type[Call[Any]], stage: Stage, purpose: str) -> PlannedCall:
    return PlannedCall(
        operation=call.operation,
        stage=stage,
        purpose=purpose,
        ram_action=call.ram_action,
        billable=call is calls.CreateService,
        mandatory=_MANDATORY.get(call),
    )


def _identity(needs: Needs) -> list[PlannedCall]:
    planned = [_planned(calls.ListServices, "identity", "stop if a service of this name exists")]
    if needs.workspace_id is None:
        planned.append(_planned(calls.ListWorkspaces, "identity", "choose the workspace"))
    return planned


def _evidence(needs: Needs) -> list[PlannedCall]:
    planned = [
        _planned(calls.ListImages, "evidence", "check the image"),
        _planned(calls.DescribeMachineSpec, "evidence", "check the instance type and its stock"),
    ]
    network = needs.network
    if isinstance(network, GatewayNeed):
        planned += _gateway()
    elif isinstance(network, NlbNeed):
        planned += _existing_nlb() if network.existing else _system_nlb(network)
    if needs.resource_group is not None:
        planned.append(_planned(calls.ListResources, "evidence", "find the dedicated resource group"))
    if needs.datasets:
        planned.append(_planned(calls.ListDatasets, "evidence", "check the datasets that are mounted"))
    return planned


def _gateway() -> list[PlannedCall]:
    return [
        _planned(calls.ListGateway, "evidence", "find the dedicated gateway"),
        _planned(calls.DescribeGateway, "evidence", "check the gateway and find its VPC"),
        _planned(calls.ListGatewayIntranetLinkedVpc, "evidence", "find the gateway's VPC if not told above"),
        _planned(calls.DescribeSecurityGroups, "evidence", "find the security group"),
    ]


def _system_nlb(network: NlbNeed) -> list[PlannedCall]:
    vpcs = [] if network.given.vpc_id else [_planned(calls.DescribeVpcs, "evidence", "find the VPC")]
    return [
        *vpcs,
        _planned(calls.DescribeVSwitches, "evidence", "find vSwitches in two zones"),
        _planned(calls.DescribeSecurityGroups, "evidence", "find the security group"),
    ]


def _existing_nlb() -> list[PlannedCall]:
    return [
        _planned(calls.GetLoadBalancerAttribute, "evidence", "check the NLB and find its VPC"),
        _planned(calls.ListListeners, "evidence", "check that the listener ports are free"),
        _planned(calls.DescribeVSwitches, "evidence", "check the vSwitches' zones"),
        _planned(calls.DescribeSecurityGroups, "evidence", "find the security group"),
    ]


def _create() -> list[PlannedCall]:
    return [_planned(calls.CreateService, "create", "create the service; billing starts here")]


def _verify() -> list[PlannedCall]:
    return [
        _planned(calls.DescribeService, "verify", "read the status once"),
        _planned(calls.DescribeServiceEndpoints, "verify", "read the endpoints and the access token"),
    ]
