"""What the emulated account holds at start: enough for all eight deployment patterns as published."""

from __future__ import annotations

from eas_deploy.emulator.network import Gateway, SecurityGroup, Vpc, VSwitch
from eas_deploy.emulator.resources import Amount, Dataset, ResourceGroup, Workspace
from eas_deploy.emulator.world import World


def furnish(world: World) -> None:
    """Fill an empty world."""
    world.workspaces["123456"] = Workspace(workspace_id="123456", name="emulated", is_default=True)
    world.datasets["d-emulated0000000001"] = Dataset(
        dataset_id="d-emulated0000000001",
        name="emulated_models",
        workspace_id="123456",
        uri="oss://yqtest-model.oss-cn-hangzhou-internal.aliyuncs.com/qwen2.5-0.5b-instruct/",
    )
    world.resource_groups["eas-r-d29k8ytqxzxmqi7l0s"] = ResourceGroup(
        resource_id="eas-r-d29k8ytqxzxmqi7l0s",
        name="emulated_group",
        # Three machines of the size of ecs.gn7e-c16g1.16xlarge.
        total=Amount(cpu=192, memory_mb=1_500_000, gpu=12),
        instances=3,
    )
    # The account's own default network comes first, as it does in the lists of the real products.
    _lay(world, "vpc-emudefault", ("vsw-emudefaulth", "vsw-emudefaulti"), "sg-emudefault", is_default=True)
    _lay(world, "vpc-xxx", ("vsw-zone-a", "vsw-zone-b"), "sg-xxx")
    dedicated = ("vsw-bp1bhmnwqdh1ta9z9klms", "vsw-bp1lz95xtmjiwqcpq31ng")
    _lay(world, "vpc-bp13kiflgde6v9dc9smc8", dedicated, "sg-bp1e36bfv61nfy1yudyc")
    world.network.gateways["gw-48hmbdt00fi6x90gft"] = Gateway(
        gateway_id="gw-48hmbdt00fi6x90gft",
        name="emulated_gateway",
        vpc_id="vpc-bp13kiflgde6v9dc9smc8",
        vswitch_ids=dedicated,
        security_group_id="sg-bp1e36bfv61nfy1yudyc",
    )


def _lay(
    world: World,
    vpc_id: str,
    vswitch_ids: tuple[str, str],
    security_group_id: str,
    *,
    is_default: bool = False,
) -> None:
    """One VPC with vSwitches in two zones and a security group."""
    network = world.network
    network.vpcs[vpc_id] = Vpc(vpc_id=vpc_id, name=vpc_id.replace("-", "_"), is_default=is_default)
    for number, (vswitch_id, letter) in enumerate(zip(vswitch_ids, "hi", strict=True)):
        network.vswitches[vswitch_id] = VSwitch(
            vswitch_id=vswitch_id,
            vpc_id=vpc_id,
            zone_id=f"{world.region_id}-{letter}",
            cidr=f"192.168.{number}.0/24",
        )
    network.security_groups[security_group_id] = SecurityGroup(
        security_group_id=security_group_id, vpc_id=vpc_id
    )
