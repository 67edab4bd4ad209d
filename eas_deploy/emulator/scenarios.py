"""What can be wrong with a service, to order: each scenario makes one tell of it as a real one would.

Texts are in the words of Kubernetes, PyTorch, vLLM and Hugging Face.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True)
class Scenario:
    """What a service shows when something is wrong.

    Attributes:
        status: Its status.
        reason: Its reason.
        event: Reason and message of a warning among its events; None for none.
        log: Lines that the application wrote.
        restarts: How often its containers were restarted.
        last_reason: Why they ended the last time.
        diagnosis: Error, cause and advice of the service's own diagnosis; None for none.
        routed: Whether the gateway leads to it.
    """

    status: Literal["Failed", "Waiting", "Running"] = "Failed"
    reason: str = ""
    event: tuple[str, str] | None = None
    log: tuple[str, ...] = ()
    restarts: int = 0
    last_reason: str = ""
    diagnosis: tuple[str, str, str] | None = None
    routed: bool = True


SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        "image_pull_failure": Scenario(
            reason="ImagePullBackOff",
            event=("Failed", 'Failed to pull image "registry.example.com/team/app:1": manifest unknown'),
            diagnosis=("ImagePullBackOff", "The image cannot be pulled.", "Use an image of this region."),
        ),
        "crash_loop": Scenario(
            status="Waiting",
            reason="CrashLoopBackOff",
            event=("BackOff", "Back-off restarting failed container worker0"),
            log=("Traceback (most recent call last):", "ValueError: unknown argument --modle"),
            restarts=7,
            last_reason="Error",
        ),
        "out_of_memory": Scenario(
            status="Waiting",
            event=("OOMKilling", "Memory cgroup out of memory: Kill process 77 (python)"),
            restarts=2,
            last_reason="OOMKilled",
        ),
        "gpu_out_of_memory": Scenario(
            log=(
                "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
                "ERROR: Engine core initialization failed.",
            ),
            restarts=1,
        ),
        "no_stock": Scenario(
            status="Waiting",
            reason="ResourceNotEnough",
            event=("FailedScheduling", "0/3 nodes are available: 3 Insufficient nvidia.com/gpu"),
        ),
        "no_gpu": Scenario(log=("RuntimeError: No CUDA GPUs are available",), restarts=1),
        "wrong_chip": Scenario(
            log=("RuntimeError: CUDA error: no kernel image is available for execution on the device",),
            restarts=1,
        ),
        "wrong_port": Scenario(
            status="Running",
            log=("INFO:     Uvicorn running on http://0.0.0.0:9999 (Press CTRL+C to quit)",),
            routed=False,
        ),
        "probe_failing": Scenario(
            status="Waiting",
            event=("Unhealthy", "Startup probe failed: HTTP probe failed with statuscode: 404"),
        ),
        "model_path_missing": Scenario(
            log=("OSError: /model_dir does not appear to have a file named config.json.",), restarts=1
        ),
        "token_rejected": Scenario(
            log=(
                "huggingface_hub.errors.GatedRepoError: 401 Client Error. Access to model meta/llama is restricted.",
            ),
            restarts=1,
        ),
        "quota": Scenario(
            status="Waiting",
            reason="QuotaExceeded",
            event=("FailedCreate", "The GPU quota of the account is exceeded: 8 of 8 used"),
        ),
    }
)
"""The scenarios by name."""
