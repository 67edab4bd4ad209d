"""Which of the eight patterns a service JSON follows."""

from __future__ import annotations

from eas_deploy.catalog.frameworks import COMFYUI, SGLANG, VLLM, framework_of
from eas_deploy.config import ServiceConfig


def detect_pattern(config: ServiceConfig) -> tuple[int, ...]:
    """The numbers of the patterns that a service JSON follows, in order; empty if it follows none.

    A combination follows several: a vLLM service with autoscaling on an NLB gives ``(2, 3)``. Frameworks
    are told by the names of the images, and 2, 3, 7 and 8 by their fields, whatever the image. 6 is what is
    left: any image on the public resource group that follows no other pattern.

    Args:
        config: The service JSON.

    Example:
        >>> detect_pattern(
        ...     ServiceConfig.load(
        ...         {
        ...             "metadata": {"name": "demo"},
        ...             "containers": [{"image": "registry.example.com/team/app:1", "port": 8000}],
        ...             "cloud": {"computing": {"instance_type": "ecs.c7.xlarge"}},
        ...         }
        ...     )
        ... )
        (6,)
    """
    frameworks = {framework_of(container.image) for container in config.containers}
    checked = any(container.startup_check for container in config.containers)
    on_oss = any(mount.oss for mount in config.storage)
    public = config.cloud is not None and config.cloud.computing is not None
    gateway = config.networking is not None and config.networking.gateway is not None
    nlb = config.networking is not None and bool(config.networking.nlb)
    follows = {
        1: VLLM in frameworks and on_oss and checked and public and not gateway and not nlb,
        2: config.autoscaler is not None,
        3: nlb,
        4: SGLANG in frameworks and checked,
        5: COMFYUI in frameworks and on_oss,
        7: config.metadata.resource is not None,
        8: gateway,
    }
    found = tuple(number for number, true in follows.items() if true)
    return found or ((6,) if public else ())
