"""The startup probes that patterns bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PERIOD_S = 10
"""Seconds between two probes. Source: the published service patterns, as are the other numbers here."""

FAILURES = 30
"""Failed probes after which an instance counts as broken: five minutes, for loading a model."""


@dataclass(frozen=True)
class StartupPreset:
    """A probe that asks for a page on the container port.

    Attributes:
        path: The page.
        delay_s: Seconds before the first probe.
    """

    path: str
    delay_s: int

    def to_wire(self, port: int) -> dict[str, Any]:
        """The probe in wire form, for a container that listens on ``port``."""
        return {
            "http_get": {"path": self.path, "port": port},
            "initial_delay_seconds": self.delay_s,
            "period_seconds": PERIOD_S,
            "failure_threshold": FAILURES,
        }


LLM_STARTUP = StartupPreset(path="/health", delay_s=120)
"""Language models: servers answer /health once the weights are loaded, which takes minutes."""

IMAGE_GENERATION_STARTUP = StartupPreset(path="/", delay_s=60)
"""Image generation: the web interface itself answers."""
