"""Rules about gateways, network load balancers and the VPC."""

from __future__ import annotations

from eas_deploy.rules.containers import MAX_PORT
from eas_deploy.rules.document import Document, Object, integer_at, text_at
from eas_deploy.rules.registry import Report, RuleInfo, rule

_VPC_IDS = {"vpc_id": "vpc-", "vswitch_id": "vsw-", "security_group_id": "sg-"}
"""The keys that say where in a VPC a service is, and what their ids begin with."""
_NET_TYPES = ("intranet", "internet")
NEW_NLB = "default"
"""The id for a load balancer that the service creates."""
RESERVED_LISTENER_PORT = 8080
NLB_ZONES = 2
"""An NLB spans at least two zones, each with a vSwitch. Source: EAS NLB page."""


@rule(
    RuleInfo("gateway.shared", "error", 'networking.gateway is "shared": the shared gateway needs no field'),
    needs="networking",
)
def gateway_shared(document: Document, report: Report) -> None:
    """The shared gateway is the absence of a gateway."""
    if document.networking.get("gateway") == "shared":
        message = "The shared gateway needs no field."
        report("gateway.shared", "networking.gateway", message, "remove networking.gateway")


@rule(
    RuleInfo("gateway.network", "error", "A dedicated gateway without complete cloud.networking"),
    RuleInfo("nlb.network", "error", "An NLB without complete cloud.networking"),
    whole=True,
    needs="networking",
)
def complete_vpc(document: Document, report: Report) -> None:
    """Dedicated gateways and load balancers live in a VPC."""
    gateway = document.networking.get("gateway")
    needs_vpc = bool(gateway) and gateway != "shared"
    if not needs_vpc and not document.nlb:
        return
    missing = [key for key in _VPC_IDS if not document.vpc.get(key)]
    if not missing:
        return
    for rule_id, what, is_there in (
        ("gateway.network", "A dedicated gateway", needs_vpc),
        ("nlb.network", "An NLB", bool(document.nlb)),
    ):
        if is_there:
            report(rule_id, "cloud.networking", f"{what} needs cloud.networking with {', '.join(missing)}.")


@rule(RuleInfo("gateway.nlb", "error", "networking.gateway and networking.nlb together"), needs="nlb")
def gateway_and_nlb(document: Document, report: Report) -> None:
    """A service has one way in."""
    if text_at(document.networking, "gateway") is not None:
        report("gateway.nlb", "networking.gateway", "gateway and nlb exclude each other.", "keep one")


@rule(
    RuleInfo(
        "nlb.vswitches",
        "error",
        "A default NLB with fewer than two distinct vSwitches; a warning with an existing NLB",
    ),
    whole=True,
    needs="nlb",
)
def vswitches(document: Document, report: Report) -> None:
    """An NLB spans two zones."""
    written = text_at(document.vpc, "vswitch_id")
    if written is None:
        return
    distinct = {one.strip() for one in written.split(",")} - {""}
    if len(distinct) >= NLB_ZONES:
        return
    is_new = any(listener.get("id") == NEW_NLB for _, listener in document.nlb)
    report(
        "nlb.vswitches",
        "cloud.networking.vswitch_id",
        f"An NLB needs vSwitches in two zones, and {len(distinct)} is given.",
        'separate them by a comma: "vsw-a,vsw-b"',
        severity="error" if is_new else "warning",
    )


@rule(RuleInfo("nlb.port", "error", "listener_port is 8080, or outside 1 to 65535"), needs="nlb")
def listener_port(document: Document, report: Report) -> None:
    """Listeners have a port of their own."""
    for path, listener in document.nlb:
        number = integer_at(listener, "listener_port")
        if number is None:
            continue
        if number == RESERVED_LISTENER_PORT:
            report(
                "nlb.port", f"{path}.listener_port", f"Port {number} is used by EAS itself.", "use another"
            )
        elif not 1 <= number <= MAX_PORT:
            message = f"{number} is not a port from 1 to {MAX_PORT}."
            report("nlb.port", f"{path}.listener_port", message)


@rule(
    RuleInfo("nlb.port_duplicate", "error", "Two listeners with the same id, net type and port"), needs="nlb"
)
def duplicate_listener(document: Document, report: Report) -> None:
    """Listeners differ."""
    seen: set[tuple[str, str, int]] = set()
    for path, listener in document.nlb:
        identity, net_type = listener.get("id"), _net_type(listener)[1]
        number = integer_at(listener, "listener_port")
        if not isinstance(identity, str) or not isinstance(net_type, str) or number is None:
            continue
        if (identity, net_type, number) in seen:
            message = f"Another listener has the same id, net type and port {number}."
            report("nlb.port_duplicate", f"{path}.listener_port", message)
        seen.add((identity, net_type, number))


@rule(RuleInfo("nlb.mixed", "error", "default and nlb-... ids mixed"), needs="nlb")
def mixed(document: Document, report: Report) -> None:
    """A service has one load balancer, new or existing."""
    kinds = {listener["id"] == NEW_NLB for _, listener in document.nlb if text_at(listener, "id")}
    if len(kinds) > 1:
        message = "default (a new NLB) and the id of an existing one are mixed."
        report("nlb.mixed", "networking.nlb", message, "use one of them for every listener")


@rule(
    RuleInfo("nlb.net_type", "error", "The net type is not intranet or internet (required for default)"),
    needs="nlb",
)
def net_type(document: Document, report: Report) -> None:
    """Listeners say which network they are in."""
    for path, listener in document.nlb:
        key, value = _net_type(listener)
        if value is None:
            if listener.get("id") == NEW_NLB:
                message = "A listener of a new NLB needs its net type."
                report("nlb.net_type", f"{path}.{key}", message, "intranet or internet")
        elif isinstance(value, str) and value not in _NET_TYPES:
            report("nlb.net_type", f"{path}.{key}", "The net type is intranet or internet.")


def _net_type(listener: Object) -> tuple[str, object]:
    """The spelling of the key that is used, and its value."""
    key = "net_type" if "net_type" in listener and "netType" not in listener else "netType"
    return key, listener.get(key)


@rule(
    RuleInfo("network.id_format", "error", "vpc_id, vswitch_id or security_group_id without its prefix"),
    needs="vpc",
)
def id_format(document: Document, report: Report) -> None:
    """Ids show what they are the id of."""
    for key, prefix in _VPC_IDS.items():
        value = document.vpc.get(key)
        if not value or not isinstance(value, str):
            continue
        is_list = key == "vswitch_id"
        single = value.replace(f",{prefix}", "") if is_list else value
        if not value.startswith(prefix) or "," in single:
            message = f"An id begins with {prefix}; {value!r} does not."
            hint = "several are separated by commas without blanks" if is_list else ""
            report("network.id_format", f"cloud.networking.{key}", message, hint)
