"""What the blocking and the asyncio deployer have in common: their options, and everything but the waiting."""

from __future__ import annotations

import secrets
import uuid
from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args

from eas_deploy import _defaults
from eas_deploy._later import Later

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from pydantic import SecretStr

    from eas_deploy import deployer as deployers
    from eas_deploy import fleet_flow, flow
    from eas_deploy import workers as workers_module
    from eas_deploy.clients import arguments, credentials, environment, pacing
    from eas_deploy.clients import clock as clocks
    from eas_deploy.clients.clock import Clock
    from eas_deploy.clients.pacing import Limiter
    from eas_deploy.deployment import Deployment
    from eas_deploy.fleet_flow import FleetFlow, HandOut, OnEnd
    from eas_deploy.flow import Confirm
    from eas_deploy.planning import nlb_refusal
    from eas_deploy.planning.identity import ChooseWorkspace
    from eas_deploy.planning.nlb_refusal import NlbFallback
else:
    arguments = Later("eas_deploy.clients.arguments")
    clocks = Later("eas_deploy.clients.clock")
    credentials = Later("eas_deploy.clients.credentials")
    deployers = Later("eas_deploy.deployer")
    environment = Later("eas_deploy.clients.environment")
    fleet_flow = Later("eas_deploy.fleet_flow")
    flow = Later("eas_deploy.flow")
    nlb_refusal = Later("eas_deploy.planning.nlb_refusal")
    pacing = Later("eas_deploy.clients.pacing")
    workers_module = Later("eas_deploy.workers")

SenderT = TypeVar("SenderT")


class Facade(Generic[SenderT]):
    """The options of a deployer, and what follows from them.

    Args:
        region_id: Where to deploy, ``"cn-hangzhou"``. None takes ``ALIBABA_CLOUD_REGION_ID``, else
            ``ALIBABACLOUD_REGION``, else the region of the ``aliyun`` command line's profile.
        access_key_id: Together with ``access_key_secret``: the key to use. None asks ``credential``, else
            the official default chain: environment, OIDC, CLI or SDK profile, ECS RAM role.
        access_key_secret: See ``access_key_id``.
        security_token: The token that goes with a temporary key.
        credential: Anything with ``get_credential()``, such as the client of ``alibabacloud-credentials``.
        endpoint_url: One base URL for every product, such as an emulator's; None takes
            ``EAS_DEPLOY_ENDPOINT_URL``, else the region's own hosts.
        http_client: The ``httpx`` client to send with; it is not closed. None makes a pooled one.
        connect_timeout_s: Seconds to make a connection.
        read_timeout_s: Seconds without a byte before an attempt is given up.
        call_timeout_s: Seconds for one call with all its retries.
        deploy_timeout_s: Seconds for a plan, an execution, or a deployment as a whole.
        max_retries: Attempts after the first one, for calls that may be repeated.
        user_agent: Product token of the caller, appended to the library's own.
        choose_workspace: Given the enabled workspaces when there are several, answers one or its id.
        confirm: Given the plan before anything is created, answers whether to go on. None asks nothing.
        nlb_fallback: What happens when EAS refuses good NLB settings twice: ``"auto"`` falls back to the
            shared gateway only if every listener faced the internet, ``"shared_gateway"`` always,
            ``"stop"`` never.
        limiter: Paces the calls; pass one `AdaptiveLimiter` to several deployers that use the same account.
            None makes one that finds the limits of the service when it throttles.
        clock: Time, for tests.

    Raises:
        ConfigError: No region, or half a key.
    """

    def __init__(  # noqa: PLR0913 - the one place where the options are written out
        self,
        region_id: str | None = None,
        *,
        access_key_id: str | None = None,
        access_key_secret: str | SecretStr | None = None,
        security_token: str | SecretStr | None = None,
        credential: Any = None,
        endpoint_url: str | None = None,
        http_client: Any = None,
        connect_timeout_s: float = _defaults.CONNECT_TIMEOUT_S,
        read_timeout_s: float = _defaults.READ_TIMEOUT_S,
        call_timeout_s: float = _defaults.CALL_TIMEOUT_S,
        deploy_timeout_s: float = _defaults.DEPLOY_TIMEOUT_S,
        max_retries: int = _defaults.MAX_RETRIES,
        user_agent: str | None = None,
        choose_workspace: ChooseWorkspace | None = None,
        confirm: Confirm | None = None,
        nlb_fallback: NlbFallback = "auto",
        limiter: Limiter | None = None,
        clock: Clock | None = None,
    ) -> None:
        key_secret, token = credentials.secret(access_key_secret), credentials.secret(security_token)
        del access_key_secret, security_token  # a traceback may show what a frame still holds
        self.region_id = environment.resolve_region(region_id)
        self._clock: Clock = clock or clocks.SystemClock()
        self._deploy_timeout_s = arguments.positive("deploy_timeout_s", deploy_timeout_s)
        _check_choice("nlb_fallback", nlb_fallback, get_args(nlb_refusal.NlbFallback))
        self._flow = flow.Flow(
            region_id=self.region_id,
            now=self._clock.now,
            digits=_six_digits,
            new_id=_new_id,
            choose_workspace=choose_workspace,
            confirm=confirm,
            nlb_fallback=nlb_fallback,
        )
        shared: dict[str, Any] = {
            "endpoint_url": environment.resolve_endpoint_url(endpoint_url),
            "connect_timeout_s": connect_timeout_s,
            "read_timeout_s": read_timeout_s,
            "call_timeout_s": call_timeout_s,
            "max_retries": max_retries,
            "user_agent": user_agent,
            "limiter": limiter,
        }
        self._sender = self._new_sender(
            access_key_id=access_key_id,
            access_key_secret=key_secret,
            security_token=token,
            credential=credential,
            http_client=http_client,
            **shared,
        )
        self._bound_to = _bound_to(keys=access_key_id, credential=credential, http_client=http_client)
        self._recipe = {
            "region_id": self.region_id,
            "deploy_timeout_s": deploy_timeout_s,
            "choose_workspace": choose_workspace,
            "confirm": confirm,
            "nlb_fallback": nlb_fallback,
            "clock": clock,
            **shared,
        }

    @abstractmethod
    def _new_sender(self, **options: Any) -> SenderT:
        """The sender that goes with this kind of deployer."""

    def _fleet(
        self,
        max_concurrency: int,
        on_end: OnEnd | None,
        finish: Callable[[Deployment], Deployment],
        *,
        fail_fast: bool,
        hand_out: HandOut | None = None,
    ) -> FleetFlow:
        """How this deployer deploys fleets.

        Raises:
            ConfigError: ``max_concurrency`` is not a number of services.
        """
        _check_count("max_concurrency", max_concurrency)
        return fleet_flow.FleetFlow(
            flow=self._flow,
            monotonic=self._clock.monotonic,
            deploy_timeout_s=self._deploy_timeout_s,
            max_concurrency=max_concurrency,
            fail_fast=fail_fast,
            finish=finish,
            on_end=on_end,
            hand_out=hand_out,
        )

    def _crew(
        self, executor: Executor, workers: int | None, max_concurrency: int, *, fail_fast: bool
    ) -> workers_module.Crew:
        """The workers of ``executor``, each with a blocking deployer like this one.

        Raises:
            ConfigError: Keys, a credential or an HTTP client were given, which stay in this process; or an
                argument is of no use.
        """
        workers_module.check_executor(executor)
        self._check_portable()
        _check_count("max_concurrency", max_concurrency)
        if workers is not None:
            _check_count("workers", workers)
        count = workers or getattr(executor, "_max_workers", None) or max_concurrency
        count = max(1, min(count, max_concurrency))
        recipe = {**self._recipe, "choose_workspace": None, "confirm": None}
        if recipe["limiter"] is None:
            # Threads share this very one, as the lanes of a fleet here do; other workers get a copy each.
            ceiling = _defaults.OPERATION_LIMIT_PER_S / count
            recipe["limiter"] = pacing.AdaptiveLimiter(
                None if workers_module.are_threads(executor) else ceiling
            )
        workers_module.check_sendable(executor, recipe)
        return workers_module.Crew(
            executor=executor,
            make=partial(deployers.Deployer, **recipe),
            workers=count,
            lanes=max(1, max_concurrency // count),
            fail_fast=fail_fast,
        )

    def _deadline(self) -> float:
        return self._clock.monotonic() + self._deploy_timeout_s

    def __reduce__(self) -> tuple[Any, ...]:
        self._check_portable()
        return _remade, (type(self), self._recipe)

    def _check_portable(self) -> None:
        """Refuse to go to another process with what cannot go there.

        Raises:
            ConfigError: Keys, a credential or an HTTP client were given.
        """
        if self._bound_to is not None:
            raise arguments.refuse(
                self._bound_to,
                f"a {type(self).__name__} that was given it cannot go to another process, since secrets and "
                "connections stay in this one",
                "leave it out, and set the keys in the environment of the workers",
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.region_id!r})"


def _check_choice(argument: str, given: str, choices: tuple[str, ...]) -> None:
    """Refuse what is not among ``choices``: a typo must not mean one of the others."""
    if given not in choices:
        raise arguments.refuse(argument, f"{given!r} is no choice", f"give one of {', '.join(choices)}")


def _check_count(argument: str, given: object) -> None:
    """Refuse what is no number of services or workers."""
    if not isinstance(given, int) or isinstance(given, bool) or given < 1:
        raise arguments.refuse(argument, f"{given!r} is no count", "give a whole number, 1 or more")


def _remade(kind: type[Facade[Any]], recipe: dict[str, Any]) -> Facade[Any]:
    """A deployer in another process, with keys from the environment there."""
    return kind(**recipe)


def _bound_to(*, keys: Any, credential: Any, http_client: Any) -> str | None:
    """The argument that binds a deployer to this process, if one was given."""
    if keys:
        return "access_key_id"
    if credential is not None:
        return "credential"
    return None if http_client is None else "http_client"


def _six_digits() -> str:
    return f"{secrets.randbelow(10**6):06d}"


def _new_id() -> str:
    return uuid.uuid4().hex
