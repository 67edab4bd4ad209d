"""Where emulated services are reached: always on this machine, in the shape of the real answers."""

from __future__ import annotations

from typing import Any

from eas_deploy.emulator.references import nlb_net_type
from eas_deploy.emulator.services import EmulatedService
from eas_deploy.emulator.world import World

LOCAL_HOST = "127.0.0.1"


def endpoints_of(world: World, service: EmulatedService) -> list[dict[str, Any]]:
    """The ``Endpoints`` of DescribeServiceEndpoints, by kind of network.

    A service behind an NLB or a dedicated gateway is reached through that alone.
    """
    networking = service.config.get("networking") or {}
    if networking.get("nlb"):
        return _nlb(world, service)
    url = f"{world.url}/api/predict/{service.name}"
    if gateway_id := networking.get("gateway"):
        gateway = world.network.gateways.get(gateway_id)
        public = gateway is not None and gateway.internet_enabled
        return [_endpoint("PrivateGateway", gateway_id, [url] if public else [], [url], 80)]
    public = not networking.get("disable_internet_endpoint")
    return [_endpoint("DefaultGateway", "default", [url] if public else [], [url], 80)]


def addresses_of(world: World, service: EmulatedService) -> dict[str, str]:
    """The single addresses that the Service object carries; empty where there is none."""
    for endpoint in endpoints_of(world, service):
        if endpoint["EndpointType"] != "Nlb":
            return {
                "InternetEndpoint": next(iter(endpoint["InternetEndpoints"]), ""),
                "IntranetEndpoint": next(iter(endpoint["IntranetEndpoints"]), ""),
            }
    return {"InternetEndpoint": "", "IntranetEndpoint": ""}


def _nlb(world: World, service: EmulatedService) -> list[dict[str, Any]]:
    net_types = {entry["listener_port"]: nlb_net_type(entry) for entry in service.config["networking"]["nlb"]}
    endpoints = []
    for balancer, listener in world.network.listeners_of(service.name):
        public = net_types.get(listener.port) == "internet"
        internet, intranet = ([LOCAL_HOST], []) if public else ([], [LOCAL_HOST])
        endpoints.append(_endpoint("Nlb", balancer.load_balancer_id, internet, intranet, listener.bound_port))
    return endpoints


def _endpoint(
    kind: str, backend_id: str, internet: list[str], intranet: list[str], port: int
) -> dict[str, Any]:
    return {
        "EndpointType": kind,
        "BackendId": backend_id,
        "PathType": "Service",
        "Port": port,
        "InternetEndpoints": internet,
        "IntranetEndpoints": intranet,
    }
