"""The text of the deployment report: one fixed form, so that people and tools find things where they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eas_deploy.calls import Endpoint
from eas_deploy.lifecycle.access import urls_of

_NOT_THERE = "(not available for this network type)"


def report(  # noqa: PLR0913 - a report is made of all of it
    name: str,
    status: str | None,
    endpoints: Sequence[Endpoint],
    token: str | None,
    *,
    decisions: Sequence[str] = (),
    notices: Sequence[str] = (),
) -> str:
    """The whole report.

    Args:
        name: The service name.
        status: As the service told it.
        endpoints: How it is reached.
        token: What to show as the access token; None when it is not known.
        decisions: What was chosen for the user.
        notices: What the user should know.
    """
    lines = [
        "Deployment Summary",
        "==================",
        f"Service Name: {name}",
        f"Status: {status or 'unknown'}",
        "",
    ]
    lines += ["Endpoints:", *_endpoints(endpoints), ""]
    lines += ["Service Invocation Examples:", *_indented(curl_commands(name, endpoints, token))]
    for title, entries in (("Decisions", decisions), ("Notices", notices)):
        if entries:
            lines += ["", f"{title}:", *(f"- {entry}" for entry in entries)]
    return "\n".join(lines)


def curl_commands(name: str, endpoints: Sequence[Endpoint], token: str | None) -> Iterator[str]:
    """One shell command for each address of the service; the token as it is to be shown."""
    for endpoint in endpoints:
        for address in dict.fromkeys((*endpoint.internet_endpoints, *endpoint.intranet_endpoints)):
            for url in urls_of(name, endpoint, [address]):
                yield f'curl {url} \\\n  -H "Authorization: {token or "<AccessToken>"}"'


def _endpoints(endpoints: Sequence[Endpoint]) -> Iterator[str]:
    # Both addresses always appear: a reader must see that there is none, not wonder.
    for endpoint in endpoints or [Endpoint(endpoint_type="(not reported yet)")]:
        yield f"- {endpoint.endpoint_type}:"
        yield f"    InternetEndpoint: {', '.join(endpoint.internet_endpoints) or _NOT_THERE}"
        yield f"    IntranetEndpoint: {', '.join(endpoint.intranet_endpoints) or _NOT_THERE}"
        yield f"    Port: {endpoint.port or 0}"


def _indented(commands: Iterator[str]) -> Iterator[str]:
    for command in commands:
        yield "  " + command.replace("\n", "\n  ")
