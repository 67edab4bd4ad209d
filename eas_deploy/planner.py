"""Planning without a network: what a deployment would call, and which permissions that takes."""

from __future__ import annotations

from typing import Any

from eas_deploy.clients.environment import resolve_region
from eas_deploy.flow import Request, Sealed, as_source
from eas_deploy.planning.needs import needs_of
from eas_deploy.planning.outline import PlannedCall, outline
from eas_deploy.ram import policy_for


class Planner:
    """Tells what deploying a request will call. Sends nothing and needs no key.

    Args:
        region_id: As for `Deployer`.
    """

    def __init__(self, region_id: str | None = None) -> None:
        self.region_id = resolve_region(region_id)

    def outline(self, request: Request) -> tuple[PlannedCall, ...]:
        """The calls, in the order in which they are started.

        Args:
            request: A pattern, a config, a dict in service.json form, or a path to a service.json.

        Raises:
            ConfigError: The request is not valid.
        """
        sealed = Sealed(request)
        del request  # see Sealed
        return outline(needs_of(as_source(sealed)))

    def ram_policy(self, request: Request) -> dict[str, Any]:
        """The smallest RAM policy that lets ``request`` be deployed, as a policy document."""
        sealed = Sealed(request)
        del request  # see Sealed
        return policy_for(outline(needs_of(as_source(sealed))))
