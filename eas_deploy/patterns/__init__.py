"""What to deploy: `ServiceRequest` and the eight patterns, which are presets of it. Pure: no network."""

from eas_deploy.patterns.detection import detect_pattern
from eas_deploy.patterns.names import name_from_prefix
from eas_deploy.patterns.networks import Gateway, Nlb, NlbListener, ResourceGroup, SharedGateway
from eas_deploy.patterns.presets import (
    PATTERNS,
    ComfyUiOss,
    CpuToGpu,
    CustomImage,
    DedicatedGateway,
    DedicatedResourceGroup,
    SglangHealthCheck,
    VllmAutoscaling,
    VllmNlb,
    VllmOss,
)
from eas_deploy.patterns.request import ServiceRequest
from eas_deploy.patterns.resolved import Resolved

__all__ = [
    "PATTERNS",
    "ComfyUiOss",
    "CpuToGpu",
    "CustomImage",
    "DedicatedGateway",
    "DedicatedResourceGroup",
    "Gateway",
    "Nlb",
    "NlbListener",
    "Resolved",
    "ResourceGroup",
    "ServiceRequest",
    "SglangHealthCheck",
    "SharedGateway",
    "VllmAutoscaling",
    "VllmNlb",
    "VllmOss",
    "detect_pattern",
    "name_from_prefix",
]


def __dir__() -> list[str]:
    return __all__
