"""The ways to a service: its addresses and its token, and which of them to take.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from pydantic import SecretStr

from eas_deploy.calls import DescribeServiceEndpointsAnswer, Endpoint
from eas_deploy.errors import InvocationError

Network: TypeAlias = Literal["internet", "intranet"]
"""From where a service is called: the internet, or inside its VPC."""

_LOAD_BALANCER = "Nlb"
# Answers names of services, no requests.
_REGISTRIES = frozenset({"Nacos"})


@dataclass(frozen=True)
class Access:
    """How a service is reached.

    Attributes:
        name: The service name.
        endpoints: Its endpoints, as DescribeServiceEndpoints told.
        token: Its access token; None when calls need none.
    """

    name: str
    endpoints: tuple[Endpoint, ...]
    token: SecretStr | None

    @classmethod
    def of(cls, name: str, answer: DescribeServiceEndpointsAnswer) -> Access:
        """What an answer tells."""
        return cls(name, tuple(answer.endpoints), answer.access_token)

    def url(self, network: Network | None = None) -> str:
        """The base URL to call the service at.

        Args:
            network: Which side to come from; None takes the internet if it can be reached from there, else
                the intranet.

        Raises:
            InvocationError: It has no such address.
        """
        found = self._urls.get(network)
        if found is not None:
            return found
        other = "intranet" if network == "internet" else "internet"
        if other in self._urls:
            raise InvocationError(
                f'Service {self.name} has no {network} address; call it with network="{other}", '
                "or enable that side on its gateway or load balancer."
            )
        raise InvocationError(
            f"Service {self.name} has no address yet: it may still be starting. Wait with wait_until_ready()."
        )

    @cached_property
    def _urls(self) -> dict[Network | None, str]:
        """The first URL of each side that there is; of any side under None."""
        direct = self._callable()
        internet = [url for one in direct for url in urls_of(self.name, one, one.internet_endpoints)]
        intranet = [url for one in direct for url in urls_of(self.name, one, one.intranet_endpoints)]
        sides: list[tuple[Network | None, list[str]]] = [
            ("internet", internet),
            ("intranet", intranet),
            (None, internet or intranet),
        ]
        return {side: with_scheme(urls[0]) for side, urls in sides if urls}

    def _callable(self) -> list[Endpoint]:
        """The endpoints that lead to this very service come before those of its group."""
        direct = [one for one in self.endpoints if one.endpoint_type not in _REGISTRIES]
        return sorted(direct, key=lambda one: one.path_type == "Group")


def urls_of(name: str, endpoint: Endpoint, addresses: Sequence[str]) -> Iterator[str]:
    """The URLs to call for ``addresses`` of an endpoint, each without a trailing slash.

    Some addresses come with the path of the service, some are a bare domain without even a scheme; then the
    URL has none either (see `with_scheme`).
    """
    path = f"/api/predict/{name}"
    for address in addresses:
        bare = address.rstrip("/").removesuffix(path)
        host = bare.rpartition("//")[2]
        port = f":{endpoint.port}" if endpoint.endpoint_type == _LOAD_BALANCER and endpoint.port else ""
        yield f"{bare}{'' if ':' in host else port}{path}"


def with_scheme(url: str) -> str:
    """The URL as HTTP clients want it; what comes without a scheme is plain HTTP."""
    return url if "://" in url else f"http://{url}"
