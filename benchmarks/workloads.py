"""What is measured: each workload runs in a process of its own and prints one JSON object.

``python workloads.py NAME PORT [N]``. The environment says where the trusted authorities are.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REGION = "cn-hangzhou"
KEYS = {"access_key_id": "LTAIbenchmark", "access_key_secret": "benchmark-secret"}
SAMPLES = 7


def request_for(name: str) -> Any:
    """One request for a shared-gateway deployment of seven calls."""
    from eas_deploy.patterns import VllmOss  # noqa: PLC0415 - the peers' processes do not load it

    return VllmOss(
        name=name,
        image="vllm:0.14.0-gpu",
        model="oss://my-bucket/qwen2.5-7b-instruct/",
        instance_type="ecs.gn7i-c16g1.4xlarge",
    )


def _url(port: int) -> str:
    return f"https://127.0.0.1:{port}"


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def warm(port: int) -> dict[str, float]:
    """Seconds of a deployment by a client that has its connections."""
    from eas_deploy import Deployer  # noqa: PLC0415

    with Deployer(REGION, endpoint_url=_url(port), **KEYS) as deployer:
        deployer.deploy(request_for("first"))
        return {
            "s": statistics.median(
                _timed(lambda: deployer.deploy(request_for("demo"))) for _ in range(SAMPLES)
            )
        }


def warm_async(port: int) -> dict[str, float]:
    """The same under asyncio."""
    from eas_deploy import AsyncDeployer  # noqa: PLC0415

    async def course() -> list[float]:
        samples = []
        async with AsyncDeployer(REGION, endpoint_url=_url(port), **KEYS) as deployer:
            await deployer.deploy(request_for("first"))
            for _ in range(SAMPLES):
                began = time.perf_counter()
                await deployer.deploy(request_for("demo"))
                samples.append(time.perf_counter() - began)
        return samples

    return {"s": statistics.median(asyncio.run(course()))}


def cold(port: int) -> dict[str, float]:
    """Seconds of a deployment by a new client, everything imported."""
    from eas_deploy import Deployer  # noqa: PLC0415

    def once() -> None:
        with Deployer(REGION, endpoint_url=_url(port), **KEYS) as deployer:
            deployer.deploy(request_for("demo"))

    once()
    return {"s": statistics.median(_timed(once) for _ in range(SAMPLES))}


def cold_async(port: int) -> dict[str, float]:
    """The same under asyncio."""
    from eas_deploy import AsyncDeployer  # noqa: PLC0415

    async def once() -> float:
        began = time.perf_counter()
        async with AsyncDeployer(REGION, endpoint_url=_url(port), **KEYS) as deployer:
            await deployer.deploy(request_for("demo"))
        return time.perf_counter() - began

    asyncio.run(once())
    return {"s": statistics.median(asyncio.run(once()) for _ in range(SAMPLES))}


def cpu_async(port: int) -> dict[str, float]:
    """CPU seconds of a deployment under asyncio: one client, many deployments."""
    from eas_deploy import AsyncDeployer  # noqa: PLC0415

    async def course() -> float:
        async with AsyncDeployer(REGION, endpoint_url=_url(port), **KEYS) as deployer:
            await deployer.deploy(request_for("first"))
            began = time.process_time()
            for _ in range(30):
                await deployer.deploy(request_for("demo"))
            return (time.process_time() - began) / 30

    return {"s": asyncio.run(course())}


def fleet(port: int, count: int, lanes: int) -> dict[str, float]:
    """Seconds of a fleet by a client that has its connections; the median of three."""
    from eas_deploy import Deployer  # noqa: PLC0415

    requests = [request_for(f"fleet_{index}") for index in range(count)]
    with Deployer(REGION, endpoint_url=_url(port), **KEYS) as deployer:
        deployer.deploy_many(requests[: 2 * lanes], max_concurrency=lanes)
        samples, failed = [], 0
        for _ in range(3):
            began = time.perf_counter()
            failed += len(deployer.deploy_many(requests, max_concurrency=lanes).failed)
            samples.append(time.perf_counter() - began)
    return {"s": statistics.median(samples), "failed": failed}


def fleet_async(port: int, count: int, lanes: int) -> dict[str, float]:
    """The same under asyncio."""
    from eas_deploy import AsyncDeployer  # noqa: PLC0415

    async def course() -> dict[str, float]:
        requests = [request_for(f"fleet_{index}") for index in range(count)]
        async with AsyncDeployer(REGION, endpoint_url=_url(port), **KEYS) as deployer:
            await deployer.deploy_many(requests[: 2 * lanes], max_concurrency=lanes)
            samples, failed = [], 0
            for _ in range(3):
                began = time.perf_counter()
                failed += len((await deployer.deploy_many(requests, max_concurrency=lanes)).failed)
                samples.append(time.perf_counter() - began)
        return {"s": statistics.median(samples), "failed": failed}

    return asyncio.run(course())


def one_fleet(port: int, count: int, lanes: int) -> dict[str, float]:
    """Seconds of one fleet by a new client that knows of no limit, everything imported."""
    from eas_deploy import AsyncDeployer  # noqa: PLC0415

    async def course() -> dict[str, float]:
        async with AsyncDeployer(REGION, endpoint_url=_url(port), **KEYS) as other:
            await other.workspaces()
        requests = [request_for(f"fleet_{index}") for index in range(count)]
        async with AsyncDeployer(REGION, endpoint_url=_url(port), **KEYS) as deployer:
            began = time.perf_counter()
            report = await deployer.deploy_many(requests, max_concurrency=lanes)
            return {"s": time.perf_counter() - began, "failed": len(report.failed)}

    return asyncio.run(course())


def memory(port: int) -> dict[str, float]:
    """Peak resident memory of a process that has made one deployment, in MB."""
    from eas_deploy import Deployer  # noqa: PLC0415

    with Deployer(REGION, endpoint_url=_url(port), **KEYS) as deployer:
        deployer.deploy(request_for("demo"))
    return {"mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def peer_memory(_port: int) -> dict[str, float]:
    """Peak resident memory of a process that has imported alipai, in MB."""
    import pai.model  # type: ignore[import-not-found]  # noqa: F401, PLC0415 - only where it is installed

    return {"mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def check_config(_port: int) -> dict[str, float]:
    """Seconds to read, check and write the service JSON of pattern 8."""
    from eas_deploy.config import ServiceConfig  # noqa: PLC0415

    path = Path(__file__).parents[1] / "examples" / "patterns" / "8_dedicated_gateway.json"
    text = path.read_text(encoding="utf-8")

    def rounds() -> None:
        for _ in range(200):
            ServiceConfig.load(text).to_wire()

    rounds()
    return {"s": min(_timed(rounds) for _ in range(SAMPLES)) / 200}


def predict(port: int) -> dict[str, float]:
    """Seconds of a call of a deployed service with 1 kB."""
    from eas_deploy import Deployer  # noqa: PLC0415

    with Deployer(REGION, endpoint_url=_url(port), **KEYS) as deployer:
        service = deployer.service("demo")
        return {"s": _median_call(lambda: service.predict(b"x" * 1024, raw=True))}


def bare_httpx(port: int) -> dict[str, float]:
    """Seconds of the same call by httpx alone, on one connection."""
    import httpx  # noqa: PLC0415

    with httpx.Client(headers={"Authorization": "token"}) as client:
        url = f"{_url(port)}/api/predict/demo"
        return {"s": _median_call(lambda: client.post(url, content=b"x" * 1024).raise_for_status())}


def _median_call(call: Callable[[], Any]) -> float:
    for _ in range(50):
        call()
    return statistics.median(_timed(call) for _ in range(2000))


if __name__ == "__main__":
    name, *numbers = sys.argv[1:]
    if name.startswith("official"):
        import official_sdk

        print(json.dumps(getattr(official_sdk, name)(*map(int, numbers))))
    else:
        print(json.dumps(globals()[name](*map(int, numbers))))
