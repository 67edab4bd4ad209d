"""Many services at once, under asyncio: what they share is asked for once, and each has an outcome of its own."""

from __future__ import annotations

import asyncio

from eas_deploy import AsyncDeployer
from eas_deploy.emulator import Emulator
from eas_deploy.patterns import VllmOss

MODELS = ("qwen2.5-0.5b-instruct", "qwen2.5-1.5b-instruct", "qwen2.5-7b-instruct")


def request_for(model: str) -> VllmOss:
    """The request for one model, under a name made of the model's."""
    return VllmOss(
        name=model.replace(".", "_").replace("-", "_"),
        image="vllm:0.14.0-gpu",
        model=f"oss://my-bucket/{model}/",
        instance_type="ecs.gn7i-c16g1.4xlarge",
    )


async def main() -> None:
    """Deploy all models, and once more: names that are taken fail, and nothing else does."""
    with Emulator() as emulator:
        async with AsyncDeployer("cn-hangzhou", **emulator.connection()) as deployer:
            first = await deployer.deploy_many([request_for(model) for model in MODELS])
            print(first.summary())
            second = await deployer.deploy_many([request_for(MODELS[0]), request_for("qwen3-8b")])
            print(second.summary())
        print(f"{len(emulator.services)} services")


if __name__ == "__main__":
    asyncio.run(main())
