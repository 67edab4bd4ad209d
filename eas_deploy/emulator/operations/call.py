"""One API call as a handler sees it, and what an operation is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eas_deploy.emulator.refusal import RefusalError, invalid_parameter
from eas_deploy.emulator.services import EmulatedService
from eas_deploy.emulator.world import World


@dataclass(frozen=True)
class Product:
    """An Alibaba Cloud product of the emulator."""

    name: str
    version: str
    """The API version that requests name in ``x-acs-version``."""
    denied_code: str = "NoPermission"
    """The error code of its permission errors."""
    own_errors: bool = False
    """Whether its own errors have EAS's shape; the others' look like the gateway's."""


@dataclass(frozen=True)
class ApiCall:
    """An authentic request, ready to be carried out.

    Attributes:
        world: The account; the caller holds its lock.
        path: The variables of the path, such as ``ServiceName``.
        query: The query parameters.
        raw_body: The body as received.
    """

    world: World
    path: Mapping[str, str]
    query: Mapping[str, str]
    raw_body: bytes = field(repr=False)

    def body(self) -> dict[str, Any]:
        """The JSON object in the body.

        Raises:
            RefusalError: If there is none.
        """
        try:
            body = json.loads(self.raw_body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise invalid_parameter("The request body is not a JSON object.")
        return body

    def service(self) -> EmulatedService:
        """The service that the path names.

        Raises:
            RefusalError: If there is none.
        """
        name = self.path["ServiceName"]
        service = self.world.find(name)
        if service is None:
            raise RefusalError(404, "InvalidService.NotFound", f"Service [{name}] is not found")
        return service

    def required(self, key: str) -> str:
        """A query parameter that must be there.

        Raises:
            RefusalError: If it is not.
        """
        value = self.query.get(key)
        if not value:
            raise RefusalError(400, "MissingParameter", f"The parameter {key} is mandatory.")
        return value

    def flag(self, key: str) -> bool:
        """A boolean query parameter: ``True`` and ``true`` are true."""
        return self.query.get(key, "").lower() == "true"

    def json_map(self, key: str) -> dict[str, str]:
        """A query parameter that is a JSON object; empty if it is missing.

        Raises:
            RefusalError: If it is something else.
        """
        try:
            value = json.loads(self.query.get(key) or "{}")
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise invalid_parameter(f"The parameter {key} is not a JSON object.")
        return {str(name): str(content) for name, content in value.items()}

    def listed(self, key: str) -> list[str]:
        """A list parameter, sent as ``Name.1``, ``Name.2``; empty if it is missing."""
        numbered = {
            int(name.removeprefix(f"{key}.")): value
            for name, value in self.query.items()
            if name.startswith(f"{key}.") and name.removeprefix(f"{key}.").isdigit()
        }
        return [numbered[number] for number in sorted(numbered)]


Handler = Callable[[ApiCall], dict[str, Any]]


@dataclass(frozen=True)
class Operation:
    """One operation of a product: how it is addressed, which permission it needs, what it does.

    Attributes:
        name: Alibaba's own name, such as ``"CreateService"``.
        product: To which it belongs.
        method: HTTP method.
        template: Path with variables in braces; ``"/"`` for RPC products.
        ram_action: The RAM action that allows it.
        handler: Carries it out.
    """

    name: str
    product: Product
    method: str
    template: str
    ram_action: str
    handler: Handler

    @property
    def reads(self) -> bool:
        """Whether it changes nothing: all RPC operations here, and GET."""
        return self.method == "GET" or self.template == "/"
