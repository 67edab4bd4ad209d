"""Patterns combine through their fields: SGLang, behind a network load balancer, scaled by load."""

from __future__ import annotations

from eas_deploy import Deployer
from eas_deploy.config import Autoscaler, ScaleStrategy
from eas_deploy.emulator import Emulator
from eas_deploy.patterns import Nlb, NlbListener, SglangHealthCheck, detect_pattern

REQUEST = SglangHealthCheck(
    name_prefix="llama_scaled_",
    image="sglang:0.5.8-acclep1.2.1-gpu",
    model="oss://my-bucket/llama3-8b-instruct/",
    instance_type="ecs.gn7i-c16g1.4xlarge",
    network=Nlb(listeners=(NlbListener(port=18080),)),
    autoscaler=Autoscaler(min=1, max=4, scale_strategies=(ScaleStrategy(metric_name="qps", threshold=20),)),
    labels={"team": "search"},
)


def main() -> None:
    """Deploy the combination; VPC, vSwitches and security group are discovered."""
    with Emulator() as emulator, Deployer("cn-hangzhou", **emulator.connection()) as deployer:
        deployment = deployer.deploy(REQUEST)
    print(f"patterns: {detect_pattern(deployment.config)}")
    print(deployment.summary())


if __name__ == "__main__":
    main()
