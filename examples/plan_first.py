"""Look before you pay: what a deployment will do, which permissions it takes, and a question before it starts."""

from __future__ import annotations

import json

from eas_deploy import Deployer, DeploymentPlan, Planner
from eas_deploy.emulator import Emulator
from eas_deploy.errors import ConfirmationDeclined
from eas_deploy.patterns import CpuToGpu

REQUEST = CpuToGpu(
    name="qwen_planned",
    image="vllm:0.14.0-gpu",
    model="oss://my-bucket/qwen2.5-7b-instruct/",
    instance_type="ecs.c7.xlarge",
)


REPLICAS_ALLOWED = 2


def is_small(plan: DeploymentPlan) -> bool:
    """Whether the plan may go on without asking anybody."""
    return (plan.config.metadata.instance or 1) <= REPLICAS_ALLOWED


def main() -> None:
    """Outline without a network, plan with reads only, then deploy what was planned."""
    for call in Planner("cn-hangzhou").outline(REQUEST):
        print(f"{call.stage:8}  {call.operation:25}  {call.ram_action}")

    with Emulator() as emulator:
        with Deployer("cn-hangzhou", **emulator.connection()) as deployer:
            plan = deployer.plan(REQUEST)
            print(plan.summary())
            print(json.dumps(plan.ram_policy(), indent=2))
            print(f"services so far: {len(emulator.services)}")
            print(deployer.execute(plan).summary())

        with Deployer("cn-hangzhou", confirm=is_small, **emulator.connection()) as careful:
            try:
                careful.deploy(REQUEST.model_copy(update={"name": "qwen_large", "replicas": 8}))
            except ConfirmationDeclined as stop:
                print(stop)


if __name__ == "__main__":
    main()
