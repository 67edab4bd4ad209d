"""Emulated services: what one is, and how it moves from state to state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from eas_deploy.emulator.checks import DEFAULT_PORT, given
from eas_deploy.emulator.clock import Clock, rfc3339
from eas_deploy.emulator.queue import Queue
from eas_deploy.emulator.resources import Amount
from eas_deploy.emulator.scenarios import SCENARIOS, Scenario

LifecycleMode = Literal["timed", "immediate", "per_read"]

STEP_S = 0.5
"""How long a passing state lasts in a ``timed`` life: two of them lie before Running."""

UNROUTED = 1_000_000
"""For how many requests a gateway that leads nowhere does so."""

CREATED = ("Creating", "Waiting", "Running")
CREATED_UNPULLABLE = ("Creating", "Waiting", "Failed")
STARTED = ("Starting", "Running")
STOPPED = ("Stopping", "Stopped")
UPDATED = ("Updating", "Running")
SCALED = ("Scaling", "Running")
DELETED = ("Deleting", "Deleted")

_SERVING = frozenset({"Running", "Updating", "Scaling"})


@dataclass(frozen=True)
class Event:
    """Something that happened to a service."""

    at: float
    type: Literal["Normal", "Warning"]
    reason: str
    message: str


@dataclass(frozen=True)
class LogLine:
    """A line that an instance of a service wrote, or the system about it."""

    at: float
    instance: str
    text: str
    from_application: bool = True


@dataclass(frozen=True)
class Version:
    """A config that the service ran, and when it got it."""

    number: int
    config: dict[str, Any] = field(repr=False)
    at: float


@dataclass
class EmulatedService:
    """One service: its config, its state, and what is known about it.

    Tests may look at all of it and may change it, from any thread.
    """

    name: str
    service_id: str
    config: dict[str, Any] = field(repr=False)
    labels: dict[str, str]
    access_token: str = field(repr=False)
    per_instance: Amount
    created_at: float
    owner_id: str
    workspace_id: str = ""
    status: str = "Creating"
    upcoming: list[str] = field(default_factory=list)
    """The states that it will go through next."""
    entered_at: float = 0.0
    updated_at: float = 0.0
    ready: int = 0
    """Instances that answer."""
    message: str = ""
    reason: str = ""
    safety_lock: str = "none"
    weight: int = 100
    traffic_state: str = "standalone"
    autoscaler: dict[str, Any] | None = None
    versions: list[Version] = field(default_factory=list, repr=False)
    current_version: int = 1
    events: list[Event] = field(default_factory=list, repr=False)
    logs: list[LogLine] = field(default_factory=list, repr=False)
    trouble: Scenario | None = field(default=None, repr=False)
    """What is wrong with it; see `scenario`."""
    queue: Queue | None = field(default=None, repr=False)
    """What its requests wait in if it is an asynchronous service."""
    hidden_reads: int = 0
    """DescribeService answers NotFound this many more times."""
    unlabelled_reads: int = 0
    """DescribeService leaves out the labels this many more times."""
    unrouted_requests: int = 0
    """The gateway answers 503 this many more times although the service is Running."""

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The config's metadata; empty without one."""
        return self.config.get("metadata") or {}

    @property
    def replicas(self) -> int:
        """How many instances are wanted."""
        return int(given(self.metadata, "instance", 1))

    @property
    def image(self) -> str:
        """The image of the first container."""
        return str(self.config["containers"][0]["image"])

    @property
    def port(self) -> int:
        """The port of the first container."""
        return int(given(self.config["containers"][0], "port", DEFAULT_PORT))

    @property
    def instance_names(self) -> list[str]:
        """The names of its instances; none while it is stopped."""
        if self.status == "Stopped":
            return []
        return [f"{self.name}-{self.service_id[-4:]}-{number}" for number in range(self.replicas)]

    @property
    def latest_version(self) -> int:
        """The number of the newest version."""
        return self.versions[-1].number if self.versions else 0

    @property
    def in_use(self) -> Amount:
        """What the instances take of a resource group."""
        return Amount() if self.status in {"Stopped", "Deleted"} else self.per_instance * self.replicas

    def move(self, states: tuple[str, ...], now: float) -> None:
        """Enter the first of ``states`` now; the others follow."""
        self.trouble = None
        self.upcoming = list(states)
        self._enter_next(now)

    def take_config(self, config: Mapping[str, Any], per_instance: Amount, now: float) -> None:
        """Run another config from now on, as a new version."""
        self.versions.append(Version(self.latest_version + 1, dict(config), now))
        self.run_version(self.versions[-1], per_instance)

    def run_version(self, version: Version, per_instance: Amount) -> None:
        """Run the config of a version from now on."""
        self.config, self.current_version = version.config, version.number
        self.per_instance = per_instance
        if self.metadata.get("type") == "Async":
            self.queue = self.queue or Queue()

    def advance(self, mode: LifecycleMode, clock: Clock) -> None:
        """Catch up with time."""
        if mode == "immediate":
            while self.upcoming:
                self._enter_next(clock.now())
        elif mode == "timed":
            while self.upcoming and clock.now() - self.entered_at >= STEP_S:
                self._enter_next(self.entered_at + STEP_S)

    def scenario(self, name: str, at: float | None = None) -> None:
        """Let something be wrong with the service from now on, and let it tell of that as a real one would.

        Args:
            name: What is wrong, such as ``"crash_loop"``; the keys of ``SCENARIOS`` in
                ``eas_deploy.emulator.scenarios`` are all there are.
            at: When it happened, as POSIX time; None for the moment of its last change.

        Raises:
            KeyError: There is no such scenario.
        """
        trouble = self.trouble = SCENARIOS[name]
        when = self.entered_at if at is None else at
        self.upcoming = []
        self.status, self.reason, self.message = trouble.status, trouble.reason, ""
        self.ready = self.replicas if trouble.status == "Running" else 0
        self.unrouted_requests = 0 if trouble.routed else UNROUTED
        if trouble.event is not None:
            self.events.append(Event(when, "Warning", *trouble.event))
        self.logs = [line for line in self.logs if not line.from_application]
        for instance in self.instance_names:
            self.logs += [LogLine(when, instance, line) for line in trouble.log]

    def step(self, clock: Clock) -> None:
        """Take one step, if there is one to take."""
        if self.upcoming:
            self._enter_next(clock.now())

    def _enter_next(self, at: float) -> None:
        self.status = self.upcoming.pop(0)
        self.entered_at = self.updated_at = at
        self.message = f"Service is now {self.status.lower()}"
        self.reason = "ImagePullBackOff" if self.status == "Failed" else ""
        if self.status == "Running":
            self.ready = self.replicas
        elif self.status not in _SERVING:
            self.ready = 0
        self._report(at)

    def _report(self, at: float) -> None:
        """Leave an event and log lines about the state that was just entered."""
        failed = self.status == "Failed"
        self.events.append(
            Event(at, "Warning" if failed else "Normal", self.reason or self.status, self.message)
        )
        for instance in self.instance_names:
            self.logs.append(LogLine(at, instance, self.message, from_application=False))
            if failed:
                text = f"Failed to pull image {self.image}"
                self.logs.append(LogLine(at, instance, text, from_application=False))
            elif self.status == "Running":
                text = f"Server listening on 0.0.0.0:{self.port}"
                self.logs.append(LogLine(at, instance, text))

    def wire(self, region_id: str, addresses: Mapping[str, str]) -> dict[str, Any]:
        """The API's Service object as ListServices answers it: without token and config.

        Args:
            region_id: The emulated region.
            addresses: ``InternetEndpoint`` and ``IntranetEndpoint``.
        """
        networking = self.config.get("networking") or {}
        return {
            "ServiceName": self.name,
            "ServiceId": self.service_id,
            "ServiceUid": self.service_id.removeprefix("eas-m-"),
            "Namespace": self.name,
            "Region": region_id,
            "WorkspaceId": self.workspace_id,
            "CallerUid": self.owner_id,
            "ParentUid": self.owner_id,
            "Status": self.status,
            "Reason": self.reason,
            "Message": self.message,
            **addresses,
            "Gateway": networking.get("gateway", ""),
            "Cpu": self.per_instance.cpu,
            "Memory": self.per_instance.memory_mb,
            "Gpu": self.per_instance.gpu,
            "Image": self.image,
            "TotalInstance": self.replicas,
            "RunningInstance": self.ready,
            "PendingInstance": max(0, self.replicas - self.ready) if self.status != "Stopped" else 0,
            "CurrentVersion": self.current_version,
            "LatestVersion": self.latest_version,
            "Weight": self.weight,
            "TrafficState": self.traffic_state,
            "Role": "Standalone",
            "ExtraData": "{}",
            "Resource": self.metadata.get("resource", ""),
            "ResourceAlias": "",
            "QuotaId": self.metadata.get("quota_id", ""),
            "SafetyLock": self.safety_lock,
            "Source": "OpenAPI",
            "CreateTime": rfc3339(self.created_at),
            "UpdateTime": rfc3339(self.updated_at),
            "Labels": [{"LabelKey": key, "LabelValue": value} for key, value in self.labels.items()],
        }

    def describe(self, region_id: str, addresses: Mapping[str, str]) -> dict[str, Any]:
        """The API's Service object as DescribeService answers it; arguments as for :meth:`wire`."""
        return {
            **self.wire(region_id, addresses),
            "AccessToken": self.access_token,
            "ServiceConfig": json.dumps(self.config, ensure_ascii=False),
        }
