"""What a type checker knows of the handles to services. Checked by ``nox -s types``, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from pydantic import SecretStr
from typing_extensions import assert_type

from eas_deploy import Deployer, Service
from eas_deploy.calls import (
    DescribeServiceAutoScalerAnswer,
    DescribeServiceEndpointsAnswer,
    ServiceContainer,
    ServiceInstance,
    ServiceLabel,
)
from eas_deploy.catalogue import Recommendation
from eas_deploy.lifecycle.changing import Change
from eas_deploy.lifecycle.config_diff import ConfigDiff
from eas_deploy.lifecycle.diagnosis import Diagnosis
from eas_deploy.lifecycle.insight import Event
from eas_deploy.lifecycle.queueing import QueuedRequest, QueueResult
from eas_deploy.lifecycle.updating import Version
from eas_deploy.service import AsyncService
from eas_deploy.service.streams import AsyncStream, Stream


def fields(service: Service) -> None:
    assert_type(service.name, str)
    assert_type(service.status, str | None)
    assert_type(service.running_instance, int | None)
    assert_type(service.access_token, SecretStr | None)
    assert_type(service.labels, list[ServiceLabel] | None)
    service.stauts  # type: ignore[attr-defined]  # noqa: B018 - a misspelt field, and a checker knows


def life(service: Service) -> None:
    assert_type(service.refresh(), Service)
    assert_type(service.wait(timeout_s=10, progress=print), Service)
    assert_type(service.wait_until_ready(on_timeout="stop"), Service)
    assert_type(service.stop(), Change)
    assert_type(service.scale(2), Change)
    assert_type(service.update({"metadata": {"shm_size": 8}}, mode="merge"), Change)
    assert_type(service.preview_update("service.json"), ConfigDiff)
    assert_type(service.versions(), list[Version])
    assert_type(service.describe_autoscaler(), DescribeServiceAutoScalerAnswer)
    service.scale("two")  # type: ignore[arg-type] # a number of replicas
    service.set_safety_lock("some")  # type: ignore[arg-type] # all, dangerous or none
    service.wait(until="Started")  # type: ignore[arg-type] # no such goal


def calling(service: Service) -> None:
    assert_type(service.get_endpoints(), DescribeServiceEndpointsAnswer)
    assert_type(service.predict({"a": 1}, "/path", timeout_s=5, network="intranet"), Any)
    assert_type(service.chat("Hello"), str)
    assert_type(service.chat("Hello", stream=True, temperature=0), Stream[str])
    assert_type(service.stream(), Stream[bytes])
    assert_type(service.put(b"x"), QueuedRequest)
    assert_type(service.poll("id"), QueueResult | None)
    assert_type(service.watch(["id"]), Iterator[QueueResult])
    service.predict({}, timeout=5)  # type: ignore[call-arg] # it is called timeout_s


def insight(service: Service) -> None:
    assert_type(service.logs(follow=True), Iterator[str])
    assert_type(service.events(), list[Event])
    assert_type(service.instances(), list[ServiceInstance])
    assert_type(service.containers(), list[ServiceContainer])
    assert_type(service.diagnose(), Diagnosis)


async def for_asyncio(service: AsyncService) -> None:
    assert_type(await service.refresh(), AsyncService)
    assert_type(await service.wait(), AsyncService)
    assert_type(await service.stop(), Change)
    assert_type(await service.chat("Hello"), str)
    assert_type(service.chat("Hello", stream=True), AsyncStream[str])
    assert_type(service.logs(), AsyncIterator[str])
    assert_type(await service.diagnose(), Diagnosis)
    assert_type(service.watch(["id"]), AsyncIterator[QueueResult])


def sizing(deployer: Deployer) -> None:
    assert_type(deployer.recommend(7, dtype="fp8"), Recommendation)
