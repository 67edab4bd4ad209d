"""The emulated account: everything that exists in it, and the services that run in it.

Knows nothing of HTTP. Whoever touches it holds its lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from eas_deploy.emulator.catalog import Catalog, registry_region
from eas_deploy.emulator.clock import Clock
from eas_deploy.emulator.network import Listener, LoadBalancer, Network
from eas_deploy.emulator.policy import OWNER_ID
from eas_deploy.emulator.resources import Amount, Dataset, ResourceGroup, Workspace
from eas_deploy.emulator.services import (
    CREATED,
    CREATED_UNPULLABLE,
    EmulatedService,
    LifecycleMode,
)


class Ports(Protocol):
    """Who really listens on the ports of NLB listeners."""

    def open(self, port: int) -> int:
        """Listen on ``port``, or on a free one if it is taken; the port that it became."""

    def close(self, port: int) -> None:
        """Stop listening."""


@dataclass
class Lag:
    """How far the answers trail behind for services created from now on; counted in requests.

    Attributes:
        reads: DescribeService answers NotFound this many times.
        labels: DescribeService leaves out the labels this many times.
        routing: The gateway answers 503 this many times although the service is Running.
    """

    reads: int = 0
    labels: int = 0
    routing: int = 0


class World:
    """One account in one region."""

    def __init__(self, region_id: str, catalog: Catalog, lifecycle: LifecycleMode) -> None:
        self.region_id = region_id
        self.catalog = catalog
        self.lifecycle = lifecycle
        self.clock = Clock()
        self.lock = threading.RLock()
        self.lag = Lag()
        self.url = ""
        """Base URL of the emulator; service addresses begin with it."""
        self.ports: Ports | None = None
        """Who listens for NLB listeners; None while nobody does."""
        self.owner_id = OWNER_ID
        self.network = Network()
        self.workspaces: dict[str, Workspace] = {}
        self.datasets: dict[str, Dataset] = {}
        self.resource_groups: dict[str, ResourceGroup] = {}
        self.services_made = 0
        """How many services there have ever been."""
        self._services: dict[str, EmulatedService] = {}
        self._numbers: dict[str, int] = {}

    def new_id(self, prefix: str) -> str:
        """An id that nothing else has, such as ``vpc-emu0001``."""
        number = self._numbers[prefix] = self._numbers.get(prefix, 0) + 1
        return f"{prefix}emu{number:04d}"

    def attach(self, ports: Ports, url: str) -> None:
        """Be reached at ``url`` from now on, and let NLB listeners listen."""
        self.ports, self.url = ports, url
        for balancer in self.network.load_balancers.values():
            for listener in list(balancer.listeners.values()):
                if listener.service:
                    self.listen(balancer, listener.port, listener.service)

    def restart(self) -> None:
        """Remove everything, and start counting and telling the time anew."""
        self.clear()
        self.clock.reset()
        self.lag = Lag()
        self._numbers.clear()
        self.services_made = 0

    def settle(self) -> None:
        """Bring every service up to date, and drop those that are gone."""
        for service in list(self._services.values()):
            self.find(service.name)

    @property
    def services(self) -> dict[str, EmulatedService]:
        """The services that exist now, by name."""
        self.settle()
        return self._services

    def find(self, name: str) -> EmulatedService | None:
        """The service of that name, brought up to date; None if there is none."""
        service = self._services.get(name)
        if service is None:
            return None
        service.advance(self.lifecycle, self.clock)
        if service.status == "Deleted":
            self._remove(service)
            return None
        return service

    def add_service(
        self,
        name: str,
        config: dict[str, Any],
        *,
        per_instance: Amount,
        labels: Mapping[str, str],
        workspace_id: str = "",
    ) -> EmulatedService:
        """A new service, in its first state."""
        now = self.clock.now()
        service_id = self.new_id("eas-m-")
        service = EmulatedService(
            name=name,
            service_id=service_id,
            config=config,
            labels=dict(labels),
            access_token=f"token-of-{name}-{service_id}",
            per_instance=per_instance,
            created_at=now,
            owner_id=self.owner_id,
            workspace_id=workspace_id,
            autoscaler=config.get("autoscaler"),
            hidden_reads=self.lag.reads,
            unlabelled_reads=self.lag.labels,
            unrouted_requests=self.lag.routing,
        )
        service.take_config(config, per_instance, now)
        service.move(CREATED if self.can_pull(service.image) else CREATED_UNPULLABLE, now)
        self._services[name] = service
        self.services_made += 1
        return service

    def can_pull(self, image: str) -> bool:
        """Whether the region can pull an image: no bare name, no other region's registry."""
        return "/" in image and registry_region(image) in {None, self.region_id}

    def used_of(self, resource_id: str) -> Amount:
        """What services take of a resource group."""
        users = (
            service for service in self.services.values() if service.metadata.get("resource") == resource_id
        )
        return sum((service.in_use for service in users), Amount())

    def listen(self, balancer: LoadBalancer, port: int, service: str) -> None:
        """Open a listener of an NLB that leads to a service."""
        bound = self.ports.open(port) if self.ports else 0
        balancer.listeners[port] = Listener(port=port, bound_port=bound, service=service)

    def service_behind(self, bound_port: int) -> str | None:
        """Name of the service that a local listener port leads to, or None."""
        for balancer in self.network.load_balancers.values():
            for listener in balancer.listeners.values():
                if listener.service and listener.bound_port == bound_port:
                    return listener.service
        return None

    def clear(self, kind: str | None = None) -> None:
        """Remove everything of one kind; None for everything.

        Raises:
            ValueError: If there is no such kind.
        """
        holders: dict[str, Callable[[], None]] = {
            "services": self._clear_services,
            "gateways": self.network.gateways.clear,
            "vpcs": self.network.vpcs.clear,
            "vswitches": self.network.vswitches.clear,
            "security_groups": self.network.security_groups.clear,
            "load_balancers": self._clear_load_balancers,
            "resource_groups": self.resource_groups.clear,
            "workspaces": self.workspaces.clear,
            "datasets": self.datasets.clear,
        }
        if kind is not None and kind not in holders:
            raise ValueError(f"nothing of kind {kind!r}; there are {', '.join(holders)}")
        for held, clear in holders.items():
            if kind in {None, held}:
                clear()

    def close_listeners(self, service: str) -> None:
        """Close the NLB listeners of a service, and the NLBs made for it alone."""
        for balancer, listener in list(self.network.listeners_of(service)):
            del balancer.listeners[listener.port]
            self._release(listener)
            if balancer.name == made_for(service):
                self.network.load_balancers.pop(balancer.load_balancer_id, None)

    def _remove(self, service: EmulatedService) -> None:
        self.close_listeners(service.name)
        self._services.pop(service.name, None)

    def _clear_services(self) -> None:
        for service in list(self._services.values()):
            self._remove(service)

    def _clear_load_balancers(self) -> None:
        for balancer in self.network.load_balancers.values():
            for listener in balancer.listeners.values():
                self._release(listener)
        self.network.load_balancers.clear()

    def _release(self, listener: Listener) -> None:
        if self.ports and listener.bound_port:
            self.ports.close(listener.bound_port)


def made_for(service: str) -> str:
    """The name of an NLB that the system creates for a service."""
    return f"eas-{service}"
