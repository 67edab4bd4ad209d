"""What a test can add to the emulated account. Ids are made up unless they are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eas_deploy.emulator.checks import check_config, section
from eas_deploy.emulator.listeners import open_listeners
from eas_deploy.emulator.network import Gateway, Listener, LoadBalancer, SecurityGroup, Vpc, VSwitch
from eas_deploy.emulator.references import check_references
from eas_deploy.emulator.resources import Amount, ResourceGroup, Workspace
from eas_deploy.emulator.services import EmulatedService
from eas_deploy.emulator.world import World


class Additions:
    """The ``add_...`` methods of an emulator; each returns the id, or the service, that it made."""

    _world: World

    def add_vpc(
        self,
        vpc_id: str | None = None,
        *,
        name: str = "",
        cidr: str = "192.168.0.0/16",
        is_default: bool = False,
    ) -> str:
        """Add a VPC without vSwitches."""
        with self._world.lock:
            vpc_id = vpc_id or self._world.new_id("vpc-")
            self._world.network.vpcs[vpc_id] = Vpc(vpc_id=vpc_id, name=name, cidr=cidr, is_default=is_default)
        return vpc_id

    def add_vswitch(
        self,
        vpc_id: str,
        zone_id: str | None = None,
        vswitch_id: str | None = None,
        *,
        name: str = "",
        available_ips: int = 250,
    ) -> str:
        """Add a vSwitch to a VPC; the zone is the region's ``-h`` unless given."""
        with self._world.lock:
            vswitch_id = vswitch_id or self._world.new_id("vsw-")
            self._world.network.vswitches[vswitch_id] = VSwitch(
                vswitch_id=vswitch_id,
                vpc_id=vpc_id,
                zone_id=zone_id or f"{self._world.region_id}-h",
                name=name,
                available_ips=available_ips,
            )
        return vswitch_id

    def add_security_group(
        self,
        vpc_id: str,
        security_group_id: str | None = None,
        *,
        name: str = "",
        service_managed: bool = False,
    ) -> str:
        """Add a security group to a VPC."""
        with self._world.lock:
            security_group_id = security_group_id or self._world.new_id("sg-")
            self._world.network.security_groups[security_group_id] = SecurityGroup(
                security_group_id=security_group_id,
                vpc_id=vpc_id,
                name=name,
                service_managed=service_managed,
            )
        return security_group_id

    def add_gateway(  # noqa: PLR0913 - all keywords, each one fact of it
        self,
        gateway_id: str | None = None,
        *,
        vpc_id: str = "",
        vswitch_ids: Iterable[str] = (),
        security_group_id: str = "",
        name: str | None = None,
        status: str = "Running",
        is_default: bool = False,
        internet_enabled: bool = False,
        load_balancer_list: bool = False,
    ) -> str:
        """Add a dedicated gateway, linked to vSwitches of a VPC.

        ``load_balancer_list`` makes DescribeGateway carry the undeclared ``LoadBalancerList``.
        """
        with self._world.lock:
            gateway_id = gateway_id or self._world.new_id("gw-")
            self._world.network.gateways[gateway_id] = Gateway(
                gateway_id=gateway_id,
                name=name or gateway_id.replace("-", "_"),
                vpc_id=vpc_id,
                vswitch_ids=tuple(vswitch_ids),
                security_group_id=security_group_id,
                status=status,
                is_default=is_default,
                internet_enabled=internet_enabled,
                load_balancer_list=load_balancer_list,
            )
        return gateway_id

    def add_load_balancer(  # noqa: PLR0913 - all keywords, each one fact of it
        self,
        load_balancer_id: str | None = None,
        *,
        vpc_id: str,
        vswitch_ids: Iterable[str],
        name: str = "",
        address_type: str = "Intranet",
        status: str = "Active",
        listener_ports: Iterable[int] = (),
    ) -> str:
        """Add an NLB in a VPC; ``listener_ports`` are taken by something else than EAS."""
        with self._world.lock:
            network = self._world.network
            load_balancer_id = load_balancer_id or self._world.new_id("nlb-")
            network.load_balancers[load_balancer_id] = LoadBalancer(
                load_balancer_id=load_balancer_id,
                name=name,
                vpc_id=vpc_id,
                vswitches=tuple(network.vswitches[vswitch_id] for vswitch_id in vswitch_ids),
                address_type=address_type,
                status=status,
                listeners={port: Listener(port=port, bound_port=0) for port in listener_ports},
            )
        return load_balancer_id

    def add_resource_group(  # noqa: PLR0913 - all keywords, each one fact of it
        self,
        resource_id: str | None = None,
        *,
        name: str | None = None,
        cpu: int = 64,
        memory_mb: int = 500_000,
        gpu: int = 4,
        instances: int = 1,
        resource_type: str = "Dedicated",
        status: str = "ResourceReady",
    ) -> str:
        """Add a resource group; the sizes are those of the whole group."""
        with self._world.lock:
            resource_id = resource_id or self._world.new_id("eas-r-")
            self._world.resource_groups[resource_id] = ResourceGroup(
                resource_id=resource_id,
                name=name or resource_id.replace("-", "_"),
                total=Amount(cpu, memory_mb, gpu),
                instances=instances,
                resource_type=resource_type,
                status=status,
            )
        return resource_id

    def add_workspace(
        self,
        workspace_id: str | None = None,
        *,
        name: str | None = None,
        status: str = "ENABLED",
        is_default: bool = False,
    ) -> str:
        """Add a workspace."""
        with self._world.lock:
            workspace_id = workspace_id or self._world.new_id("")
            self._world.workspaces[workspace_id] = Workspace(
                workspace_id=workspace_id,
                name=name or f"workspace_{workspace_id}",
                status=status,
                is_default=is_default,
            )
        return workspace_id

    def add_service(
        self,
        name: str,
        *,
        status: str = "Running",
        config: Mapping[str, Any] | None = None,
        labels: Mapping[str, str] | None = None,
        workspace_id: str = "",
    ) -> EmulatedService:
        """Add a service as if someone else had deployed it, in any state.

        Args:
            name: Its name.
            status: The state that it stays in.
            config: Its service JSON; a small vLLM service unless given. The name is put into it.
            labels: Its labels.
            workspace_id: The workspace that it belongs to.

        Raises:
            RefusalError: If CreateService would refuse the config.
        """
        with self._world.lock:
            chosen = {**(config or self._plain_config())}
            chosen["metadata"] = {**section(chosen, "metadata"), "name": name}
            check_config(chosen)
            service = self._world.add_service(
                name,
                chosen,
                per_instance=check_references(self._world, chosen, name),
                labels=labels or {},
                workspace_id=workspace_id,
            )
            open_listeners(self._world, service)
            service.move((status,), self._world.clock.now())
        return service

    def _plain_config(self) -> dict[str, Any]:
        image = next(image for image in self._world.catalog.images if image["Name"].startswith("vllm:"))
        return {
            "metadata": {"instance": 1},
            "containers": [{"image": image["ImageUri"], "command": "vllm serve /model_dir", "port": 8000}],
            "cloud": {"computing": {"instance_type": "ecs.gn7i-c16g1.4xlarge"}},
        }
