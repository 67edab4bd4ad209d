"""An asynchronous service: put requests into its queue, and take the results as they come."""

from __future__ import annotations

from eas_deploy import Deployer, Service
from eas_deploy.emulator import Emulator
from eas_deploy.patterns import CustomImage

REQUEST = CustomImage(
    name="painter",
    image="registry.example.com/team/painter:1",
    command="python serve.py --port 8000",
    instance_type="ecs.gn7i-c16g1.4xlarge",
    extra={"metadata": {"type": "Async"}},
)
PROMPTS = ("a lighthouse at dawn", "a harbour in the rain", "a storm")


def paint(service: Service, prompts: tuple[str, ...]) -> None:
    """Put all prompts into the queue, then print each result as soon as it is there."""
    prompt_of = {service.put({"prompt": prompt}).request_id: prompt for prompt in prompts}
    for found in service.watch(prompt_of, timeout_s=600):
        print(f"{prompt_of[found.request_id]}: {found.value['body']}")


def main() -> None:
    """Deploy the service, use it, and delete it."""
    with Emulator() as emulator, Deployer("cn-hangzhou", **emulator.connection()) as deployer:
        service: Service = deployer.deploy(REQUEST).service
        service.wait_until_ready(timeout_s=1800, on_timeout="delete")
        paint(service, PROMPTS)
        service.delete()


if __name__ == "__main__":
    main()
