"""The whole procedure, in its mandatory order: identity, evidence, create, verify.

A stage starts only when the one before it is complete. `prepare` is stages A and B and only reads;
`perform` is stages C and D.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from eas_deploy.calls.steps import Plan
from eas_deploy.config import ServiceConfig
from eas_deploy.errors import ConfigError
from eas_deploy.findings import Finding, Findings
from eas_deploy.planning.building import Choices, build
from eas_deploy.planning.create import Created, Progress, create
from eas_deploy.planning.evidence import gather
from eas_deploy.planning.identity import ChooseWorkspace, identify, name_is_free
from eas_deploy.planning.journal import Decision, Journal
from eas_deploy.planning.judging import suit
from eas_deploy.planning.needs import Needs, Source, needs_of
from eas_deploy.planning.nlb_refusal import NlbFallback
from eas_deploy.planning.verify import Verified, verify
from eas_deploy.rules import check_region


@dataclass(frozen=True)
class Prepared:
    """What stages A and B have come to: the config to create, and how it came about."""

    config: ServiceConfig
    decisions: tuple[Decision, ...]
    findings: Findings


@dataclass(frozen=True)
class Performed:
    """What stages C and D have come to: a service that exists."""

    created: Created
    verified: Verified


def prepare(
    source: Source, needs: Needs, region_id: str, choose_workspace: ChooseWorkspace | None = None
) -> Plan[Prepared]:
    """Stages A and B: reads only.

    Args:
        source: The request or service JSON.
        needs: What it needs, with its name: the source's, or one made from its prefix.
        region_id: Where to deploy.
        choose_workspace: Asked when several workspaces are enabled.

    Raises:
        DeploymentStopped: A reason to stop; nothing was created.
        ConfigError: The result would not be deployable; all reasons at once.
        ApiError: A mandatory call was refused.
    """
    journal = Journal()
    workspace_id = yield from identify(str(needs.name), needs.workspace_id, journal, choose_workspace)
    return (yield from examine(source, replace(needs, workspace_id=workspace_id), region_id, journal))


def examine(source: Source, needs: Needs, region_id: str, journal: Journal) -> Plan[Prepared]:
    """Stage B: reads only.

    Args:
        source: The request or service JSON.
        needs: What it needs, its name and workspace as stage A has settled them.
        region_id: Where to deploy.
        journal: What stage A has written down.

    Raises:
        DeploymentStopped: A reason to stop; nothing was created.
        ConfigError: The result would not be deployable; all reasons at once.
        ApiError: A mandatory call was refused.
    """
    evidence = yield from gather(needs)
    journal.decisions += evidence.journal.decisions
    journal.findings += evidence.journal.findings
    suited = suit(needs, evidence.images, evidence.specs, region_id, journal)
    choices = Choices(str(needs.name), needs.workspace_id, suited, evidence.network, evidence.resource)
    config = build(source, choices, journal)
    _check_extra(needs, config)
    findings = _judge(config, region_id, journal)
    return Prepared(config, tuple(journal.decisions), findings)


def _check_extra(needs: Needs, config: ServiceConfig) -> None:
    """Refuse a config without the network or the resource group that was found for it.

    Raises:
        ConfigError: ``extra`` of the request took them out again.
    """
    built = needs_of(config)
    for part, wanted, got in (
        ("network", needs.network, built.network),
        ("resource_group", needs.resource_group, built.resource_group),
    ):
        if wanted is not None and got is None:
            message = f"extra takes out what the field {part} asks for"
            raise ConfigError(
                [Finding("request.extra", "error", "extra", message, f"leave {part} out instead")]
            )


def _judge(config: ServiceConfig, region_id: str, journal: Journal) -> Findings:
    """The findings that travel with the plan.

    Raises:
        ConfigError: Some of them are errors.
    """
    findings = Findings([*config.check(), *check_region(config.to_wire(), region_id), *journal.findings])
    if findings.errors:
        raise ConfigError(findings)
    return findings


def perform(
    config: ServiceConfig, nlb_fallback: NlbFallback, progress: Progress, *, stale: bool
) -> Plan[Performed]:
    """Stages C and D.

    Args:
        config: What to create.
        nlb_fallback: What to do when the NLB settings are refused twice.
        progress: Knows the id of this execution, and is told how far it has come.
        stale: Whether the plan is so old that the name is checked again.

    Raises:
        DuplicateServiceError: The name is taken.
        ApiError: CreateService was refused; nothing was created.
        CreateOutcomeUnknownError: It could not be found out whether the service exists.
    """
    if stale:
        yield from name_is_free(config.service_name)
    created = yield from create(config, nlb_fallback, progress)
    progress.service_id = created.service_id
    verified = yield from verify(config.service_name)
    return Performed(created, verified)
