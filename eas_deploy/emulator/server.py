"""The emulator as its users see it: start it, look at it, change its world, break it.

Starlette and uvicorn are imported when one starts, not before.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from eas_deploy.emulator.additions import Additions
from eas_deploy.emulator.app import EmulatorApp
from eas_deploy.emulator.catalog import Catalog
from eas_deploy.emulator.clock import Clock
from eas_deploy.emulator.control import ControlPlane
from eas_deploy.emulator.dataplane import DataPlane
from eas_deploy.emulator.faults import Fault, Injector
from eas_deploy.emulator.furnishing import furnish
from eas_deploy.emulator.policy import Policy
from eas_deploy.emulator.records import ControlCall, DataCall
from eas_deploy.emulator.services import EmulatedService, LifecycleMode
from eas_deploy.emulator.signature import KeyRing
from eas_deploy.emulator.throttle import Throttle
from eas_deploy.emulator.world import Lag, World

if TYPE_CHECKING:
    from eas_deploy.emulator.host import Host
    from eas_deploy.emulator.wire import AsgiApp

ACCESS_KEY_ID = "LTAIemulator"
ACCESS_KEY_SECRET = "emulated-secret"  # noqa: S105 - opens nothing but emulators


class Emulator(Additions):
    """An Alibaba Cloud PAI on this machine; a context manager.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 for a free one.
        catalog: ``Images`` and ``InstanceMetas`` in the API's shape in place of the default catalogue's;
            what is missing is taken from there. None for the default catalogue.
        lifecycle: How services move from state to state: ``"timed"`` takes about a second to Running,
            ``"immediate"`` no time, and in ``"per_read"`` each DescribeService takes one step.
        policy: A RAM policy document; what it does not allow is denied. None allows everything.
        qps: Requests a second that each operation takes, after a burst of ten. None for no limit.
        region_id: The emulated region.

    Raises:
        ValueError: If the policy is malformed or ``qps`` is not positive.
    """

    def __init__(  # noqa: PLR0913 - the published signature
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        catalog: Mapping[str, Any] | None = None,
        lifecycle: LifecycleMode = "timed",
        policy: Mapping[str, Any] | None = None,
        qps: float | None = None,
        region_id: str = "cn-hangzhou",
    ) -> None:
        self._world = World(region_id, Catalog.of_region(region_id, catalog), lifecycle)
        self._keys = KeyRing()
        self._faults = Injector()
        self._control = ControlPlane(self._world, self._keys, self._faults)
        self._data = DataPlane(self._world, self._faults)
        self._initial = (policy, qps)
        self._address = (host, port)
        self._host: Host | None = None
        self.reset()

    def start(self) -> Self:
        """Listen from now on; ``with`` does the same.

        Raises:
            ImportError: If the packages of the extra ``emulator`` are missing.
            OSError: If the port is taken.
        """
        try:
            from eas_deploy.emulator.containers import built_in  # noqa: PLC0415 - needs the extra
            from eas_deploy.emulator.host import Host  # noqa: PLC0415 - needs the extra
        except ImportError as error:
            raise ImportError(
                'the emulator needs starlette and uvicorn: pip install "eas-deploy[emulator]"'
            ) from error
        if self._host is None:
            self._data.built_in = built_in
            host = Host(EmulatorApp(self._control, self._data), *self._address)
            host.start()
            self._host = host
            with self._world.lock:
                self._world.attach(host, host.url)
        return self

    def stop(self) -> None:
        """Break all connections and stop listening; the world stays as it is."""
        if self._host is not None:
            self._host.stop()
            self._host = self._world.ports = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Emulator {self._world.region_id} at {self._world.url or '(not started)'}>"

    @property
    def url(self) -> str:
        """The base URL, such as ``http://127.0.0.1:4510``; empty before the first start."""
        return self._world.url

    @property
    def region_id(self) -> str:
        """The emulated region."""
        return self._world.region_id

    @property
    def clock(self) -> Clock:
        """The emulator's clock: ``advance(seconds)`` moves services on and refills rate limits."""
        return self._world.clock

    @property
    def lag(self) -> Lag:
        """How far answers trail behind for services created from now on; may be changed."""
        return self._world.lag

    @property
    def catalog(self) -> Catalog:
        """The images and instance types that it offers."""
        return self._world.catalog

    def connection(self) -> dict[str, Any]:
        """Where and as whom to connect: keyword arguments for a ``Deployer``."""
        return {
            "endpoint_url": self.url,
            "access_key_id": ACCESS_KEY_ID,
            "access_key_secret": ACCESS_KEY_SECRET,
        }

    def env(self) -> dict[str, str]:
        """The environment variables that make a process use this emulator."""
        return {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ACCESS_KEY_SECRET,
            "ALIBABA_CLOUD_REGION_ID": self.region_id,
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
            "EAS_DEPLOY_ENDPOINT_URL": self.url,
        }

    def add_session(self) -> dict[str, str]:
        """New STS credentials: keyword arguments like :meth:`connection`, with ``security_token``."""
        key_id, token = self._world.new_id("STS."), self._world.new_id("token-")
        secret = secrets.token_hex(16)
        self._keys.secrets[key_id] = secret
        self._keys.sessions[token] = key_id
        self._keys.session_keys.add(key_id)
        return {
            "endpoint_url": self.url,
            "access_key_id": key_id,
            "access_key_secret": secret,
            "security_token": token,
        }

    def expire_session(self, security_token: str) -> None:
        """Let an STS token run out."""
        self._keys.sessions.pop(security_token, None)

    @property
    def calls(self) -> list[ControlCall]:
        """Every API request received, in order of arrival, those that faults hit included."""
        return self._control.calls

    @property
    def data_calls(self) -> list[DataCall]:
        """Every request to a deployed service, in order of arrival."""
        return self._data.calls

    @property
    def services(self) -> dict[str, EmulatedService]:
        """The services that exist now, by name; the services are live, the dict is a copy."""
        with self._world.lock:
            return dict(self._world.services)

    @property
    def services_made(self) -> int:
        """How many services have ever been created, those that are gone included."""
        return self._world.services_made

    def set_policy(self, policy: Mapping[str, Any] | None) -> None:
        """Enforce a RAM policy document from now on; None allows everything."""
        self._control.policy = None if policy is None else Policy(policy)

    def limit(self, qps: float | None) -> None:
        """Limit each operation to ``qps`` requests a second from now on; None for no limit."""
        self._control.throttle = None if qps is None else Throttle(qps, self.clock)

    def inject(self, *faults: Fault) -> None:
        """Let faults happen from now on; of several that fit a request the oldest hits it."""
        for fault in faults:
            self._faults.add(fault)

    def clear_faults(self) -> None:
        """Let no fault happen any more."""
        self._faults.clear()

    def plug(self, target: str, app: AsgiApp) -> None:
        """Let an ASGI application answer for services.

        Args:
            target: A service's name, or the beginning of an image's name such as ``"vllm"``.
            app: Sees paths without ``/api/predict/<name>``; the token has been checked.
        """
        self._data.plugged[target] = app

    def reset(self) -> None:
        """Make everything as it was at the start; the address stays."""
        policy, qps = self._initial
        with self._world.lock:
            self._world.restart()
            furnish(self._world)
        self._faults.clear()
        self._keys.reset({ACCESS_KEY_ID: ACCESS_KEY_SECRET})
        self._control.verifier.forget()
        self.set_policy(policy)
        self.limit(qps)
        self.calls.clear()
        self.data_calls.clear()
        self._data.plugged.clear()

    def clear(self, kind: str) -> None:
        """Remove everything of one kind.

        Args:
            kind: ``"gateways"``, ``"vpcs"``, ``"vswitches"``, ``"security_groups"``, ``"load_balancers"``,
                ``"resource_groups"``, ``"workspaces"``, ``"datasets"`` or ``"services"``.

        Raises:
            ValueError: For any other kind.
        """
        with self._world.lock:
            self._world.clear(kind)
