"""The service JSON as frozen pydantic models that mirror it exactly, checked by every rule. Pure: no network."""

from eas_deploy.config.containers import (
    Container,
    EnvVar,
    Exec,
    HttpGet,
    Prepare,
    Probe,
    TcpSocket,
)
from eas_deploy.config.metadata import Eas, Metadata, RollingStrategy, Rpc, Scheduling, Spread
from eas_deploy.config.network import (
    Cloud,
    CloudNetworking,
    Computing,
    GatewayLimit,
    GatewayPolicy,
    InstanceChoice,
    Networking,
    NlbListener,
)
from eas_deploy.config.scaling import Autoscaler, Behavior, ScaleOnZero, ScaleStrategy, ScalingWindow
from eas_deploy.config.service import Queue, Runtime, ServiceConfig, Unit, lint
from eas_deploy.config.storage import (
    CacheMount,
    CodeMount,
    CpfsMount,
    DatasetMount,
    EmptyDirMount,
    GitMount,
    ImageMount,
    NfsMount,
    OssMount,
    Storage,
)
from eas_deploy.errors import ConfigError
from eas_deploy.findings import Finding, Findings

__all__ = [
    "Autoscaler",
    "Behavior",
    "CacheMount",
    "Cloud",
    "CloudNetworking",
    "CodeMount",
    "Computing",
    "ConfigError",
    "Container",
    "CpfsMount",
    "DatasetMount",
    "Eas",
    "EmptyDirMount",
    "EnvVar",
    "Exec",
    "Finding",
    "Findings",
    "GatewayLimit",
    "GatewayPolicy",
    "GitMount",
    "HttpGet",
    "ImageMount",
    "InstanceChoice",
    "Metadata",
    "Networking",
    "NfsMount",
    "NlbListener",
    "OssMount",
    "Prepare",
    "Probe",
    "Queue",
    "RollingStrategy",
    "Rpc",
    "Runtime",
    "ScaleOnZero",
    "ScaleStrategy",
    "ScalingWindow",
    "Scheduling",
    "ServiceConfig",
    "Spread",
    "Storage",
    "TcpSocket",
    "Unit",
    "lint",
]


def __dir__() -> list[str]:
    return __all__
