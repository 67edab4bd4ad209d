"""The NLB listeners of services: opened as their configs ask for."""

from __future__ import annotations

from eas_deploy.emulator.checks import section
from eas_deploy.emulator.network import LoadBalancer
from eas_deploy.emulator.references import attach, nlb_net_type
from eas_deploy.emulator.services import EmulatedService
from eas_deploy.emulator.world import World, made_for


def open_listeners(world: World, service: EmulatedService) -> None:
    """Give a service the NLB listeners of its config, and the system's NLB if it asks for one."""
    entries = section(service.config, "networking").get("nlb") or []
    made: dict[str, LoadBalancer] = {}
    for entry in entries:
        if entry["id"] == "default":
            net_type = nlb_net_type(entry)
            if net_type not in made:
                made[net_type] = _system_nlb(world, service, net_type)
            balancer = made[net_type]
        else:
            balancer = world.network.load_balancers[entry["id"]]
        world.listen(balancer, entry["listener_port"], service.name)


def _system_nlb(world: World, service: EmulatedService, net_type: str) -> LoadBalancer:
    attachment = attach(world, service.config)
    balancer = LoadBalancer(
        load_balancer_id=world.new_id("nlb-"),
        name=made_for(service.name),
        vpc_id=attachment.vpc_id,
        vswitches=tuple(world.network.vswitches[vswitch_id] for vswitch_id in attachment.vswitch_ids),
        address_type=net_type.capitalize(),
    )
    world.network.load_balancers[balancer.load_balancer_id] = balancer
    return balancer
