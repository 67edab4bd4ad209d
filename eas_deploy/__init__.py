"""Deploy AI models as Alibaba Cloud PAI-EAS services.

Importing this package loads nothing but itself: every public name is looked up when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from eas_deploy._version import __version__

if TYPE_CHECKING:
    from eas_deploy.aio import AsyncDeployer
    from eas_deploy.config import ServiceConfig
    from eas_deploy.deployer import Deployer
    from eas_deploy.deployment import Deployment
    from eas_deploy.errors import EasDeployError
    from eas_deploy.patterns import ServiceRequest
    from eas_deploy.planner import Planner
    from eas_deploy.planning.plan import DeploymentPlan
    from eas_deploy.service import Service

_HOMES = {
    "AsyncDeployer": "eas_deploy.aio",
    "Deployer": "eas_deploy.deployer",
    "Deployment": "eas_deploy.deployment",
    "DeploymentPlan": "eas_deploy.planning.plan",
    "EasDeployError": "eas_deploy.errors",
    "Planner": "eas_deploy.planner",
    "Service": "eas_deploy.service",
    "ServiceConfig": "eas_deploy.config",
    "ServiceRequest": "eas_deploy.patterns",
}

__all__ = [
    "AsyncDeployer",
    "Deployer",
    "Deployment",
    "DeploymentPlan",
    "EasDeployError",
    "Planner",
    "Service",
    "ServiceConfig",
    "ServiceRequest",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
