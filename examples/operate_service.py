"""The life of a service: wait for it, talk to it, change it, find out what is wrong with it, delete it."""

from __future__ import annotations

from eas_deploy import Deployer, Service
from eas_deploy.emulator import Emulator
from eas_deploy.patterns import VllmOss

REQUEST = VllmOss(
    name="qwen_operated",
    image="vllm:0.14.0-gpu",
    model="oss://my-bucket/qwen2.5-7b-instruct/",
    instance_type="ecs.gn7i-c16g1.4xlarge",
)


def talk(service: Service) -> None:
    """Ask the model, and print its answer as it comes."""
    with service.chat("Hello, who are you?", stream=True) as pieces:
        for piece in pieces:
            print(piece, end="", flush=True)
    print()


def scale(service: Service, replicas: int) -> None:
    """Look at what would change, change it, and wait until it has."""
    print(service.preview_update({"metadata": {"instance": replicas}}))
    service.scale(replicas)
    service.wait(timeout_s=600)
    print(f"{service.running_instance} replicas run")


def main() -> None:
    """Take one service from its deployment to its end."""
    with Emulator() as emulator, Deployer("cn-hangzhou", **emulator.connection()) as deployer:
        service: Service = deployer.deploy(REQUEST).service
        # A service that is not there in time is deleted, so that it costs nothing.
        service.wait_until_ready(timeout_s=1800, progress=print, on_timeout="delete")
        talk(service)
        scale(service, 2)
        for line in service.logs(keyword="listening"):
            print(line)

        emulator.services[service.name].scenario("crash_loop")
        print(service.diagnose())

        service.delete()
        service.wait(until="Deleted", timeout_s=600)
        print(f"services left: {len(emulator.services)}")


if __name__ == "__main__":
    main()
