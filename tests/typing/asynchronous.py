"""What a type checker knows of the asyncio API. Checked by ``nox -s types``, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator

from typing_extensions import assert_type

from eas_deploy import AsyncDeployer, Deployment, DeploymentPlan
from eas_deploy.calls import ImageInfo, ServiceInfo
from eas_deploy.catalogue import Catalogue
from eas_deploy.patterns import VllmOss
from eas_deploy.service import AsyncService


async def everything_that_calls_is_awaited(deployer: AsyncDeployer, request: VllmOss) -> None:
    plan = await deployer.plan(request)
    assert_type(plan, DeploymentPlan)
    assert_type(await deployer.execute(plan), Deployment)
    assert_type(await deployer.deploy("service.json"), Deployment)
    assert_type(await deployer.images(), Catalogue[ImageInfo])
    assert_type(await deployer.eas.describe_service("demo"), ServiceInfo)


async def a_handle_is_a_plain_call_and_a_list_an_async_iterator(deployer: AsyncDeployer) -> None:
    assert_type(deployer.service("demo"), AsyncService)
    assert_type(deployer.services(), AsyncIterator[AsyncService])
    assert_type(await deployer.service("demo").refresh(), AsyncService)
    assert_type(await deployer.service("demo").wait_until_ready(timeout_s=60), AsyncService)
    assert_type(await deployer.service("demo").chat("Hello"), str)


async def context_manager() -> None:
    async with AsyncDeployer("cn-hangzhou") as deployer:
        assert_type(deployer, AsyncDeployer)


async def confirm(plan: DeploymentPlan) -> bool:
    return not plan.findings


def callbacks_may_be_coroutine_functions() -> None:
    AsyncDeployer("cn-hangzhou", confirm=confirm)
