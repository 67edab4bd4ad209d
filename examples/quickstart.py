"""The main job: deploy all eight patterns and one written in Python, on an emulator on this machine.

No account is needed and no money is spent. Run it from a checkout: ``python examples/quickstart.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from eas_deploy import Deployer, EasDeployError, ServiceRequest
from eas_deploy.emulator import Emulator
from eas_deploy.patterns import VllmOss

PATTERNS = Path(__file__).parent / "patterns"

REQUEST = VllmOss(
    name="qwen_demo",
    image="vllm:0.14.0-gpu",
    model="oss://my-bucket/qwen2.5-7b-instruct/",
    instance_type="ecs.gn7i-c16g1.4xlarge",
)


def deploy_all(deployer: Deployer, requests: Sequence[Path | ServiceRequest]) -> list[str]:
    """What failed, in words; every request is tried, whatever became of those before it."""
    failed = []
    for request in requests:
        label = request.name if isinstance(request, Path) else f"{type(request).__name__} {request.name}"
        try:
            deployment = deployer.deploy(request)
        except EasDeployError as error:
            failed.append(f"{label}: {error}")
            continue
        print(f"----- {label}\n{deployment.summary()}\n")
        if not deployment.verified:
            failed.append(f"{label}: created, and its state could not be read")
    return failed


def ask(deployer: Deployer, name: str, question: str) -> list[str]:
    """What went wrong when a deployed service was waited for and asked; empty if it answered."""
    service = deployer.service(name)
    try:
        service.wait_until_ready(timeout_s=60)
        print(f"{name} answers {question!r}: {service.chat(question)}")
    except EasDeployError as error:
        return [f"asking {name}: {error}"]
    return []


def main(folder: Path = PATTERNS) -> int:
    """The exit code: 0 if everything was deployed and the service answered, else 1."""
    files = sorted(folder.glob("*.json"))
    with Emulator() as emulator, Deployer(emulator.region_id, **emulator.connection()) as deployer:
        failed = deploy_all(deployer, [*files, REQUEST])
        failed += ask(deployer, str(REQUEST.name), "Hello")
    print(f"{len(files) + 1} requests, {len(failed)} failures")
    for failure in failed:
        print(f"FAILED {failure}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
