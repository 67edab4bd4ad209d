"""Rules about health probes."""

from __future__ import annotations

from collections.abc import Iterator

from eas_deploy.rules.containers import MAX_PORT
from eas_deploy.rules.document import DEFAULT_PORT, Document, Object, integer_at, object_at
from eas_deploy.rules.registry import Report, RuleInfo, rule

_KINDS = ("http_get", "tcp_socket", "exec")


@rule(
    RuleInfo("probe.kind", "error", "A probe with none or several of http_get, tcp_socket, exec"),
    needs="probes",
)
def kind(document: Document, report: Report) -> None:
    """A probe does exactly one thing."""
    for path, probe in document.probes:
        kinds = [one for one in _KINDS if probe.get(one) is not None]
        if len(kinds) != 1:
            what = f"has {' and '.join(kinds)}" if kinds else "does nothing"
            message = f"The probe {what}; it takes exactly one of {', '.join(_KINDS)}."
            report("probe.kind", path, message)


@rule(needs="probes")
def port_range(document: Document, report: Report) -> None:
    """Probe ports are ports (rule port.range)."""
    for path, number in _ports(document):
        if not 1 <= number <= MAX_PORT:
            report("port.range", path, f"{number} is not a port from 1 to {MAX_PORT}.")


@rule(RuleInfo("probe.port", "warning", "A probe's port is that of no container"), whole=True, needs="probes")
def port(document: Document, report: Report) -> None:
    """Probes ask a port on which a container listens."""
    for path, number in _ports(document):
        listening = {container.port or DEFAULT_PORT for container in document.containers}
        if number not in listening and 1 <= number <= MAX_PORT:
            known = ", ".join(map(str, sorted(listening)))
            report("probe.port", path, f"The probe asks port {number}; the containers listen on {known}.")


def _ports(document: Document) -> Iterator[tuple[str, int]]:
    for path, probe in document.probes:
        for key in ("http_get", "tcp_socket"):
            action: Object = object_at(probe, key)
            number = integer_at(action, "port")
            if number is not None:
                yield f"{path}.{key}.port", number
