"""What to do when EAS refuses a good NLB block: the one place that may ever drop it.

EAS sometimes answers 400 "vswitch can not be null" to a create whose vSwitches are there. The same
body is tried once more; what then, is the caller's choice, shown in the plan beforehand.
"""

from __future__ import annotations

from typing import Any, Literal

from eas_deploy.config import ServiceConfig
from eas_deploy.errors import ApiError

NlbFallback = Literal["auto", "shared_gateway", "stop"]
"""``auto`` falls back only if every listener faced the internet, as the shared gateway does."""

_REFUSALS = ("vswitch can not be null", "vpcid, vswid and securitygroupid are required")
_BAD_REQUEST = 400


def is_nlb_refusal(config: ServiceConfig, error: ApiError) -> bool:
    """Whether ``error`` is the refusal of the NLB block of ``config``."""
    if error.http_status != _BAD_REQUEST or not _listeners(config.to_wire()):
        return False
    said = str(error).lower()
    return any(words in said for words in _REFUSALS)


def falls_back(config: ServiceConfig, choice: NlbFallback) -> bool:
    """Whether a twice refused ``config`` would be created on the shared gateway."""
    if choice != "auto":
        return choice == "shared_gateway"
    sides = [one.get("netType", one.get("net_type")) for one in _listeners(config.to_wire())]
    return bool(sides) and all(side == "internet" for side in sides)


def announcement(config: ServiceConfig, choice: NlbFallback) -> str | None:
    """What the plan says beforehand; None for a config without NLB."""
    if not _listeners(config.to_wire()):
        return None
    if falls_back(config, choice):
        then = f"it is created on the shared gateway instead{_reach(config)}"
    else:
        then = "the deployment stops"
    return f"If EAS refuses the NLB settings twice, {then} (nlb_fallback={choice!r})."


def fall_back(config: ServiceConfig, choice: NlbFallback, error: ApiError) -> tuple[ServiceConfig, str]:
    """The config for the shared gateway and the notice that goes with it.

    Raises:
        ApiError: ``error`` itself, when the choice is not to fall back.
    """
    if not falls_back(config, choice):
        error.args = (f"{error} It was sent twice; nlb_fallback={choice!r} creates nothing else instead.",)
        raise error
    notice = (
        "NLB FALLBACK: EAS refused the NLB settings twice, so the service was created on the shared gateway, "
        f"without networking.nlb and cloud.networking{_reach(config)}. EAS said: {error}"
    )
    return config.rewritten(_without_nlb(config)), notice


def _reach(config: ServiceConfig) -> str:
    """What the shared gateway means for who can reach the service."""
    closed = (config.to_wire().get("networking") or {}).get("disable_internet_endpoint")
    return "" if closed else ", which is reachable from the internet"


def _without_nlb(config: ServiceConfig) -> dict[str, Any]:
    wire = config.to_wire()
    _drop(wire, "networking", "nlb")
    _drop(wire, "cloud", "networking")
    return wire


def _listeners(wire: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (wire.get("networking") or {}).get("nlb") or []
    return found


def _drop(wire: dict[str, Any], section: str, key: str) -> None:
    """Take ``key`` out of a section, and the section too when nothing is left in it."""
    rest = {name: value for name, value in wire[section].items() if name != key}
    if rest:
        wire[section] = rest
    else:
        del wire[section]
