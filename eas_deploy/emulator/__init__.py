"""A loopback Alibaba Cloud PAI for tests and demos: EAS, AIWorkSpace, VPC, ECS and NLB on one port.

Shares no code with the client, so that a mistake cannot be on both sides at once. Names are imported when
they are first used: the pytest plugin of this package is loaded into every test run.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eas_deploy.emulator.catalog import Catalog
    from eas_deploy.emulator.faults import Fault, FaultKind
    from eas_deploy.emulator.records import ControlCall, DataCall
    from eas_deploy.emulator.server import Emulator
    from eas_deploy.emulator.services import EmulatedService

_HOMES = {
    "Catalog": "eas_deploy.emulator.catalog",
    "ControlCall": "eas_deploy.emulator.records",
    "DataCall": "eas_deploy.emulator.records",
    "EmulatedService": "eas_deploy.emulator.services",
    "Emulator": "eas_deploy.emulator.server",
    "Fault": "eas_deploy.emulator.faults",
    "FaultKind": "eas_deploy.emulator.faults",
}

__all__ = ["Catalog", "ControlCall", "DataCall", "EmulatedService", "Emulator", "Fault", "FaultKind"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
