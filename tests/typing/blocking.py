"""What a type checker knows of the blocking API. Checked by ``nox -s types``, never run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from typing_extensions import assert_type

from eas_deploy import Deployer, Deployment, DeploymentPlan, Planner, Service, ServiceConfig
from eas_deploy.calls import CreateServiceAnswer, ImageInfo, MachineSpec, ServiceInfo, WorkspaceInfo
from eas_deploy.calls.record import CallRecord
from eas_deploy.catalogue import Catalogue
from eas_deploy.clients.products import AiworkspaceClient, EasClient, EcsClient, NlbClient, VpcClient
from eas_deploy.findings import Findings
from eas_deploy.fleet import FleetReport
from eas_deploy.patterns import VllmOss
from eas_deploy.planning.journal import Decision
from eas_deploy.planning.outline import PlannedCall
from eas_deploy.service.streams import Stream


def deployer_takes_every_form_of_request(
    deployer: Deployer, request: VllmOss, config: ServiceConfig, wire: dict[str, Any], path: Path
) -> None:
    assert_type(deployer.deploy(request), Deployment)
    assert_type(deployer.deploy(config), Deployment)
    assert_type(deployer.deploy(wire), Deployment)
    assert_type(deployer.deploy(path), Deployment)
    assert_type(deployer.deploy("service.json"), Deployment)


def plan_and_execute(deployer: Deployer, request: VllmOss) -> None:
    plan = deployer.plan(request)
    assert_type(plan, DeploymentPlan)
    assert_type(plan.config, ServiceConfig)
    assert_type(plan.calls, tuple[PlannedCall, ...])
    assert_type(plan.ledger, tuple[CallRecord, ...])
    assert_type(plan.decisions, tuple[Decision, ...])
    assert_type(plan.findings, Findings)
    assert_type(plan.ram_policy(), dict[str, Any])
    assert_type(plan.summary(), str)
    assert_type(deployer.execute(plan), Deployment)


def deployment(done: Deployment) -> None:
    assert_type(done.name, str)
    assert_type(done.status, str | None)
    assert_type(done.verified, bool)
    assert_type(done.access_token, SecretStr | None)
    assert_type(done.notices, tuple[str, ...])
    assert_type(done.summary(reveal_token=True), str)


def context_manager() -> None:
    with Deployer("cn-hangzhou") as deployer:
        assert_type(deployer, Deployer)


def handles(deployer: Deployer) -> None:
    assert_type(deployer.service("demo"), Service)
    assert_type(deployer.services(), Iterator[Service])
    assert_type(deployer.service("demo").refresh(), Service)


def waiting_and_calling(service: Service) -> None:
    assert_type(service.status, str | None)
    assert_type(service.wait(timeout_s=60), Service)
    assert_type(service.wait_until_ready(timeout_s=60), Service)
    assert_type(service.chat("Hello"), str)
    assert_type(service.chat("Hello", stream=True), Stream[str])
    assert_type(service.predict({"inputs": "Hello"}), Any)


def fleet(deployer: Deployer, request: VllmOss) -> None:
    report = deployer.deploy_many([request, Path("service.json"), {"metadata": {"name": "demo"}}])
    assert_type(report, FleetReport)
    assert_type(report.ok, bool)
    for outcome in report:
        assert_type(outcome.deployment, Deployment | None)
        assert_type(outcome.error, Exception | None)


def catalogue(deployer: Deployer) -> None:
    assert_type(deployer.images(), Catalogue[ImageInfo])
    assert_type(deployer.machine_specs(), Catalogue[MachineSpec])
    assert_type(deployer.workspaces(), Catalogue[WorkspaceInfo])
    for image in deployer.images(name="vllm"):
        assert_type(image.image_uri, str | None)


def typed_clients(deployer: Deployer) -> None:
    assert_type(deployer.eas, EasClient)
    assert_type(deployer.aiworkspace, AiworkspaceClient)
    assert_type(deployer.vpc, VpcClient)
    assert_type(deployer.ecs, EcsClient)
    assert_type(deployer.nlb, NlbClient)
    assert_type(deployer.eas.describe_service("demo"), ServiceInfo)
    assert_type(deployer.eas.create_service({"metadata": {"name": "demo"}}), CreateServiceAnswer)
    deployer.eas.describe_service()  # type: ignore[call-arg] # the name is required, and a checker knows
    deployer.eas.describe_service(name="demo")  # type: ignore[call-arg] # it is called service_name


def planner(request: VllmOss) -> None:
    assert_type(Planner("cn-hangzhou").outline(request), tuple[PlannedCall, ...])
    assert_type(Planner("cn-hangzhou").ram_policy(request), dict[str, Any])
