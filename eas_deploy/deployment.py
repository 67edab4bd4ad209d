"""The deployment: a service that exists, and the report of how it came to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import SecretStr

from eas_deploy.calls import Endpoint
from eas_deploy.calls.record import CallRecord
from eas_deploy.config import ServiceConfig
from eas_deploy.lifecycle.snippets import Snippet, snippets
from eas_deploy.markup import block, table
from eas_deploy.planning.needs import needs_of
from eas_deploy.planning.plan import DeploymentPlan
from eas_deploy.planning.procedure import Performed
from eas_deploy.report import report

MASKED_TOKEN = "***"  # noqa: S105 - what is shown instead of a token


@dataclass(frozen=True, repr=False)
class Deployment:
    """A service that was created; it exists, whatever its status.

    Attributes:
        name: The service name.
        service_id: Alibaba's id, ``eas-m-...``.
        status: What DescribeService told, else what CreateService told: Creating, Waiting and Running are
            all success.
        verified: Whether both reads after the create were answered.
        endpoints: How the service is reached.
        access_token: The token that calls need; None if it could not be read.
        config: The service JSON it was created from.
        plan: The plan that was executed.
        notices: What the user should know, in words.
        ledger: Every call that was sent, those of the plan included.
        service: The handle to the service.
    """

    name: str
    service_id: str
    status: str | None
    verified: bool
    endpoints: tuple[Endpoint, ...]
    access_token: SecretStr | None
    config: ServiceConfig
    plan: DeploymentPlan
    notices: tuple[str, ...]
    ledger: tuple[CallRecord, ...]
    service: Any = field(default=None, compare=False)

    def summary(self, reveal_token: bool = False) -> str:
        """The report: name, status, endpoints, how to call it, decisions and notices.

        Args:
            reveal_token: Show the access token; notebooks and logs get shared, so it is masked by default.
        """
        return report(
            self.name,
            self.status,
            self.endpoints,
            self._token(reveal_token),
            decisions=[str(one) for one in self.plan.decisions],
            notices=self.notices,
        )

    def examples(self, reveal_token: bool = False) -> tuple[Snippet, ...]:
        """Code that calls this very service, for each of its addresses: curl, Python, and openai for a chat.

        Each is a string with a ``tool``: ``"curl"``, ``"python"`` or ``"openai"``; with the token it runs as it is.

        Args:
            reveal_token: Put the access token in; notebooks and logs get shared, so it is masked by default.
        """
        container = self.config.to_wire()["containers"][0]
        return tuple(snippets(self.name, self.endpoints, self._token(reveal_token), container))

    def to_dict(self, reveal_token: bool = False) -> dict[str, Any]:
        """The deployment as JSON values; secrets of the config are masked, the token unless revealed."""
        return {
            "name": self.name,
            "service_id": self.service_id,
            "status": self.status,
            "verified": self.verified,
            "endpoints": [one.model_dump(by_alias=True, mode="json") for one in self.endpoints],
            "access_token": self._token(reveal_token),
            "config": self.config.masked(),
            "notices": list(self.notices),
            "ledger": [{**asdict(one), "started_at": one.started_at.isoformat()} for one in self.ledger],
            "plan": self.plan.to_dict(),
        }

    def _token(self, reveal: bool) -> str | None:
        if self.access_token is None:
            return None
        return self.access_token.get_secret_value() if reveal else MASKED_TOKEN

    def __getstate__(self) -> dict[str, Any]:
        # The handle holds connections; who unpickles a deployment makes a new one by its name.
        return {**self.__dict__, "service": None}

    def __repr__(self) -> str:
        return (
            f"Deployment({self.name!r}, service_id={self.service_id!r}, status={self.status!r}, "
            f"verified={self.verified})"
        )

    __str__ = summary

    def _repr_html_(self) -> str:
        ways = [
            (
                one.endpoint_type or "",
                ", ".join(one.internet_endpoints),
                ", ".join(one.intranet_endpoints),
                str(one.port or 0),
            )
            for one in self.endpoints
        ]
        return (
            f"<h4>{block(self.name)}: {block(self.status or 'status unknown')}</h4>"
            + table(("endpoint", "internet", "intranet", "port"), ways)
            + table(("notices",), [(notice,) for notice in self.notices])
            + f"<pre>{block(self.summary())}</pre>"
        )


def deployment_of(plan: DeploymentPlan, done: Performed, ledger: Sequence[CallRecord]) -> Deployment:
    """The deployment that executing ``plan`` came to."""
    created, verified = done.created, done.verified
    service, ways = verified.service, verified.endpoints
    token = ways.access_token if ways is not None else None
    if token is None and service is not None:
        token = service.access_token
    return Deployment(
        name=plan.name,
        service_id=created.service_id,
        status=(service.status if service is not None else None) or created.status,
        verified=service is not None and ways is not None,
        endpoints=tuple(ways.endpoints) if ways is not None else _told_by_create(done),
        access_token=token,
        config=created.config,
        plan=plan,
        notices=(
            *created.notices,
            *verified.notices,
            *(str(one) for one in plan.findings if one.severity in {"warning", "notice"}),
        ),
        ledger=(*plan.ledger, *ledger),
    )


def _told_by_create(done: Performed) -> tuple[Endpoint, ...]:
    """The endpoints that the create, or the status, told of when the list of them could not be read."""
    told = done.verified.service or done.created
    internet, intranet = told.internet_endpoint, told.intranet_endpoint
    if not internet and not intranet:
        return ()
    shared = needs_of(done.created.config).network is None
    return (
        Endpoint(
            endpoint_type="DefaultGateway" if shared else "PrivateGateway",
            internet_endpoints=[internet] if internet else [],
            intranet_endpoints=[intranet] if intranet else [],
        ),
    )
