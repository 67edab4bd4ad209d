"""The same seven calls by the official SDKs: the peer of most rows."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import time
from typing import Any

from alibabacloud_aiworkspace20210204.client import Client as AiworkspaceClient
from alibabacloud_aiworkspace20210204.models import ListImagesRequest, ListWorkspacesRequest
from alibabacloud_eas20210701 import models
from alibabacloud_eas20210701.client import Client as EasClient
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import RuntimeOptions

REGION = "cn-hangzhou"
SAMPLES = 5
_BODY = {
    "metadata": {"name": "demo", "instance": 1},
    "containers": [
        {"image": "eas-registry-vpc.cn-hangzhou.cr.aliyuncs.com/pai-eas/vllm:0.14.0-gpu", "port": 8000}
    ],
    "cloud": {"computing": {"instance_type": "ecs.gn7i-c16g1.4xlarge"}},
}
_IMAGES = ListImagesRequest(
    labels="system.official=true,system.supported.eas=true", verbose=True, page_number=1, page_size=50
)


def _clients(port: int) -> tuple[Any, Any, Any]:
    def config() -> Config:
        return Config(
            access_key_id="LTAIbenchmark",
            access_key_secret="benchmark-secret",  # noqa: S106 - it opens nothing
            endpoint=f"127.0.0.1:{port}",
            protocol="https",
            region_id=REGION,
        )

    # The bundle is named to the SDK: it does not look at the environment.
    return EasClient(config()), AiworkspaceClient(config()), RuntimeOptions(ca=os.environ["SSL_CERT_FILE"])


def _deploy(eas: Any, aiworkspace: Any, runtime: Any) -> None:
    eas.list_services_with_options(models.ListServicesRequest(filter="demo"), {}, runtime)
    aiworkspace.list_workspaces_with_options(ListWorkspacesRequest(status="ENABLED"), {}, runtime)
    aiworkspace.list_images_with_options(_IMAGES, {}, runtime)
    eas.describe_machine_spec_with_options(models.DescribeMachineSpecRequest(), {}, runtime)
    eas.create_service_with_options(models.CreateServiceRequest(body=json.dumps(_BODY)), {}, runtime)
    eas.describe_service_with_options(REGION, "demo", {}, runtime)
    eas.describe_service_endpoints_with_options(REGION, "demo", {}, runtime)


async def _deploy_async(eas: Any, aiworkspace: Any, runtime: Any) -> None:
    await eas.list_services_with_options_async(models.ListServicesRequest(filter="demo"), {}, runtime)
    await aiworkspace.list_workspaces_with_options_async(ListWorkspacesRequest(status="ENABLED"), {}, runtime)
    await aiworkspace.list_images_with_options_async(_IMAGES, {}, runtime)
    await eas.describe_machine_spec_with_options_async(models.DescribeMachineSpecRequest(), {}, runtime)
    await eas.create_service_with_options_async(
        models.CreateServiceRequest(body=json.dumps(_BODY)), {}, runtime
    )
    await eas.describe_service_with_options_async(REGION, "demo", {}, runtime)
    await eas.describe_service_endpoints_with_options_async(REGION, "demo", {}, runtime)


def official_warm(port: int) -> dict[str, float]:
    """Seconds of the seven calls in sequence, connections made before."""
    clients = _clients(port)
    _deploy(*clients)
    samples = []
    for _ in range(SAMPLES):
        began = time.perf_counter()
        _deploy(*clients)
        samples.append(time.perf_counter() - began)
    return {"s": statistics.median(samples)}


def official_cold(port: int) -> dict[str, float]:
    """Seconds of the seven calls by new clients; once, since the SDK keeps connections beyond a client."""
    began = time.perf_counter()
    _deploy(*_clients(port))
    return {"s": time.perf_counter() - began}


def official_cold_async(port: int) -> dict[str, float]:
    """Seconds of the seven calls by new asynchronous clients."""

    async def course() -> list[float]:
        samples = []
        for _ in range(SAMPLES):
            began = time.perf_counter()
            await _deploy_async(*_clients(port))
            samples.append(time.perf_counter() - began)
        return samples

    return {"s": statistics.median(asyncio.run(course()))}


def official_cpu_async(port: int) -> dict[str, float]:
    """CPU seconds of the seven calls, asynchronous."""

    async def course() -> float:
        clients = _clients(port)
        await _deploy_async(*clients)
        began = time.process_time()
        for _ in range(SAMPLES):
            await _deploy_async(*clients)
        return (time.process_time() - began) / SAMPLES

    return {"s": asyncio.run(course())}
