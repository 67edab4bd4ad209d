"""Modules that are imported when they are first used.

A leaf. The facades name their parts through it, so that importing them takes milliseconds: pydantic and
the models load with the first `Deployer`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """A module by its name; any attribute of it loads it."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)

    def __repr__(self) -> str:
        return f"Later({self._name!r})"
