"""How the tests deploy a fleet: by the blocking or the asyncio deployer."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter

from eas_deploy import AsyncDeployer, Deployer
from eas_deploy.clients import SystemClock
from eas_deploy.patterns import VllmOss


def request_for(name=None, **fields):
    """A request with nothing wrong with it."""
    named = {"name": name} if name else {}
    return VllmOss(
        **{
            "image": "vllm:0.14.0-gpu",
            "model": "oss://my-bucket/qwen2.5-7b-instruct/",
            "instance_type": "ecs.gn7i-c16g1.4xlarge",
            **named,
            **fields,
        }
    )


class Fleets:
    """Deploys fleets on one emulator."""

    def __init__(self, emulator):
        self.emulator = emulator

    def deploy(self, requests, *, deployer=None, **options):
        """The report; ``deployer`` are further arguments of the deployer."""
        with Deployer("cn-hangzhou", **self.emulator.connection(), **(deployer or {})) as one:
            return one.deploy_many(requests, **options)

    def sent(self):
        """How often each operation was sent."""
        return Counter(call.operation for call in self.emulator.calls)


class AsyncFleets(Fleets):
    def deploy(self, requests, *, deployer=None, **options):
        async def course():
            async with AsyncDeployer("cn-hangzhou", **self.emulator.connection(), **(deployer or {})) as one:
                return await one.deploy_many(requests, **options)

        return asyncio.run(course())


class HastyClock(SystemClock):
    """Pauses take no time."""

    def sleep(self, seconds):
        pass

    async def sleep_async(self, seconds):
        pass


def wait_until(true, within_s=10.0):
    step = threading.Event()
    for _ in range(int(within_s / 0.01)):
        if true():
            return
        step.wait(0.01)
    raise AssertionError("it did not come true")
