"""What the facades do, written once for the blocking and the asyncio one: plans of plans.

Generators only. The clock and chance come in as functions, so nothing here depends on when it runs.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from eas_deploy._defaults import PLAN_FRESH_S
from eas_deploy.calls.record import CallRecord
from eas_deploy.calls.steps import Plan, consult
from eas_deploy.config import ServiceConfig
from eas_deploy.deployment import Deployment, deployment_of
from eas_deploy.errors import ConfigError, ConfirmationDeclined, EasDeployError
from eas_deploy.findings import Finding
from eas_deploy.patterns import ServiceRequest, name_from_prefix
from eas_deploy.planning.create import Progress, how_to_check
from eas_deploy.planning.identity import ChooseWorkspace
from eas_deploy.planning.needs import Needs, Source, needs_of
from eas_deploy.planning.nlb_refusal import NlbFallback
from eas_deploy.planning.outline import outline
from eas_deploy.planning.plan import DeploymentPlan
from eas_deploy.planning.procedure import Prepared, perform, prepare

Request: TypeAlias = ServiceRequest | ServiceConfig | Mapping[str, Any] | str | PathLike[str]
"""What can be deployed: a pattern, a config, a dict in service.json form, a path to a service.json, or its text."""

Confirm = Callable[[DeploymentPlan], Any | Awaitable[Any]]
"""Given the plan, answers something true to go on."""

_log = logging.getLogger("eas_deploy")


class Sealed:
    """A request whose repr shows nothing of it.

    A service JSON may hold secrets, and a traceback may show what a frame holds: so frames hold this.
    """

    __slots__ = ("request",)

    def __init__(self, request: Request) -> None:
        self.request = request


def as_source(sealed: Sealed) -> Source:
    """The request in one of the two forms that the procedure knows.

    Raises:
        ConfigError: It is no valid service JSON.
        OSError: The file cannot be read.
    """
    if isinstance(sealed.request, (ServiceRequest, ServiceConfig)):
        return sealed.request
    if isinstance(sealed.request, PathLike):
        return ServiceConfig.load(Path(sealed.request))
    return ServiceConfig.load(sealed.request)


@dataclass(frozen=True)
class Flow:
    """The procedure with everything that a deployer was told once.

    Attributes:
        region_id: Where to deploy.
        now: The present, UTC.
        digits: Six random digits for a name that is given by its prefix.
        new_id: A new id of 32 hex characters for every execution.
        choose_workspace: Asked when several workspaces are enabled.
        confirm: Asked once, with the plan, before anything is created.
        nlb_fallback: What to do when EAS refuses the NLB settings twice.
    """

    region_id: str
    now: Callable[[], datetime]
    digits: Callable[[], str]
    new_id: Callable[[], str]
    choose_workspace: ChooseWorkspace | None = None
    confirm: Confirm | None = None
    nlb_fallback: NlbFallback = "auto"

    def plan(self, request: Sealed, ledger: list[CallRecord]) -> Plan[DeploymentPlan]:
        """The plan for ``request``: stages A and B. ``ledger`` is the one the runner writes."""
        source = as_source(request)
        needs = needs_of(source)
        named = replace(needs, name=self.name_of(source, needs))
        prepared = yield from prepare(source, named, self.region_id, self.choose_workspace)
        return self.proposal(needs, prepared, in_order(ledger), self.now())

    def proposal(
        self, needs: Needs, prepared: Prepared, ledger: tuple[CallRecord, ...], created_at: datetime
    ) -> DeploymentPlan:
        """The plan that stages A and B have come to.

        Args:
            needs: What the request needs, as it was given.
            prepared: What was found out.
            ledger: The calls that were sent for it.
            created_at: When the names were looked at.
        """
        return DeploymentPlan(
            config=prepared.config,
            calls=outline(needs),
            ledger=ledger,
            decisions=prepared.decisions,
            findings=prepared.findings,
            region_id=self.region_id,
            nlb_fallback=self.nlb_fallback,
            created_at=created_at,
        )

    def execute(
        self, plan: DeploymentPlan, ledger: list[CallRecord], progress: Progress | None = None
    ) -> Plan[Deployment]:
        """The deployment of ``plan``: stages C and D.

        Args:
            plan: What to carry out.
            ledger: The one the runner writes.
            progress: Told how far it has come; None when nobody looks.

        Raises:
            ConfigError: The plan was made for another region; nothing was created.
        """
        self._check_region(plan)
        stale = abs(self.now() - plan.created_at) > timedelta(seconds=PLAN_FRESH_S)
        progress = progress or Progress()
        progress.deploy_id = progress.deploy_id or self.new_id()
        before = len(ledger)
        with _truth_about(plan.name, progress):
            done = yield from perform(plan.config, plan.nlb_fallback, progress, stale=stale)
        return deployment_of(plan, done, in_order(ledger[before:]))

    def _check_region(self, plan: DeploymentPlan) -> None:
        if not isinstance(plan, DeploymentPlan):
            raise TypeError(
                f"execute takes a DeploymentPlan, such as plan() makes, not a {type(plan).__name__}"
            )
        # Its image, machine and network were checked there, and mean nothing here.
        if plan.region_id != self.region_id:
            message = f"the plan was made for {plan.region_id}, and this deployer is for {self.region_id}"
            hint = "make the plan anew with this deployer, or execute it with one for its region"
            raise ConfigError([Finding("plan.region", "error", "region_id", message, hint)])

    def deploy(self, request: Sealed, ledger: list[CallRecord]) -> Plan[Deployment]:
        """Plan, confirm and execute."""
        plan = yield from self.plan(request, ledger)
        yield from self.agree(plan)
        return (yield from self.execute(plan, ledger))

    def agree(self, plan: DeploymentPlan) -> Plan[None]:
        """Ask ``confirm``, if there is one.

        Raises:
            ConfirmationDeclined: It said no.
        """
        if self.confirm is not None:
            agreed = yield from consult(self.confirm, plan)
            if not agreed:
                raise ConfirmationDeclined(
                    f"The confirm callback declined the plan for {plan.name}; nothing was created."
                )

    def name_of(self, source: Source, needs: Needs) -> str:
        """The service name: the one given, or the given prefix with random digits."""
        name = needs.name
        if name is None and isinstance(source, ServiceRequest):
            name = name_from_prefix(source.name_prefix or "", self.digits())
        return str(name)


def in_order(ledger: list[CallRecord]) -> tuple[CallRecord, ...]:
    """The records by the time at which the calls were started."""
    return tuple(sorted(ledger, key=lambda record: record.started_at))


@contextmanager
def _truth_about(name: str, progress: Progress) -> Iterator[None]:
    """Make whatever is raised inside say whether a service may exist."""
    try:
        yield
    except EasDeployError as error:
        error.service_may_exist = error.service_may_exist or progress.sent
        raise
    except BaseException as error:
        # An interruption: Ctrl-C, a cancelled task, a bug. Its type is not ours to change.
        if progress.sent or progress.service_id:
            told = f"is {progress.service_id}" if progress.service_id else "may have been created"
            note = f"Interrupted while deploying: service {name} {told} and may cost money. {how_to_check(name, progress.deploy_id)}"
            _log.warning(note)
            if hasattr(error, "add_note"):
                error.add_note(note)
            else:  # Python 3.10: the message itself is the only place that a user will see
                error.args = (*error.args, note)
        raise
