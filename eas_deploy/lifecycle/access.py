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
# Every service may have the shared gateway; an NLB or a dedicated gateway is there because somebody asked for it.
_BEST_FIRST = (_LOAD_BALANCER, "PrivateGateway", "DefaultGateway")


@dataclass(frozen=True)
class Access:
    """How a service is reached.

    Attributes:
        name: The service name.
        endpoints: Its endpoints, as DescribeServiceEndpoints told.
        token: Its access token; None when calls need none.
        prefer: The only endpoint to take: its type or the id of what is behind it. None takes the best.
    """

    name: str
    endpoints: tuple[Endpoint, ...]
    token: SecretStr | None
    prefer: str | None = None

    @classmethod
    def of(cls, name: str, answer: DescribeServiceEndpointsAnswer, prefer: str | None = None) -> Access:
        """What an answer tells."""
        return cls(name, tuple(answer.endpoints), answer.access_token, prefer)

    @property
    def address(self) -> str | None:
        """The base URL that is taken when no side is asked for; None if there is none."""
        return self._urls.get(None)

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
        if self.prefer is not None and not self._callable():
            there = ", ".join(f"{one.endpoint_type} {one.backend_id}" for one in self.endpoints) or "none"
            raise InvocationError(
                f"Service {self.name} has no endpoint {self.prefer} to call; there are: {there}. "
                "Choose with get_endpoints(prefer=...); without prefer the best is taken."
            )
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
        """The best URL of each side that there is; of any side under None."""
        best = self._callable()
        internet = [url for one in best for url in self._urls_of(one, one.internet_endpoints)]
        intranet = [url for one in best for url in self._urls_of(one, one.intranet_endpoints)]
        sides: list[tuple[Network | None, list[str]]] = [
            ("internet", internet),
            ("intranet", intranet),
            (None, internet or intranet),
        ]
        return {side: urls[0] for side, urls in sides if urls}

    def _urls_of(self, endpoint: Endpoint, addresses: Sequence[str]) -> list[str]:
        """The URLs of one endpoint; encrypted ones first, since the token travels with every request."""
        urls = map(with_scheme, urls_of(self.name, endpoint, addresses))
        return sorted(urls, key=lambda url: not url.startswith("https://"))

    def _callable(self) -> list[Endpoint]:
        """The endpoints that may be taken, the best first; of several alike the one that was told first.

        Those that lead to this very service come before those of its group, and what was set up for it before
        the shared gateway.
        """
        found = [
            one
            for one in self.endpoints
            if one.endpoint_type not in _REGISTRIES
            and self.prefer in {None, one.endpoint_type, one.backend_id}
        ]
        return sorted(found, key=lambda one: (one.path_type == "Group", _rank(one)))


def _rank(endpoint: Endpoint) -> int:
    kind = endpoint.endpoint_type
    return _BEST_FIRST.index(kind) if kind in _BEST_FIRST else len(_BEST_FIRST)


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
