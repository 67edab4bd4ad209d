"""Stage A: is the name free, and in which workspace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from eas_deploy.calls import ListServices, ListWorkspaces, WorkspaceInfo
from eas_deploy.calls.steps import Plan, consult, every, together
from eas_deploy.errors import AmbiguousWorkspaceError, DuplicateServiceError
from eas_deploy.planning.gates import gate, optional
from eas_deploy.planning.journal import Journal

ChooseWorkspace = Callable[[tuple[WorkspaceInfo, ...]], Any | Awaitable[Any]]
"""Given the enabled workspaces, answers one of them or its id."""


def name_is_free(name: str) -> Plan[None]:
    """Stop if a service of exactly this name exists.

    Raises:
        DuplicateServiceError: It exists.
        GateError: ListServices gave no usable answer.
    """
    # Filter is a fuzzy search on the server: it spares pages, and only an exact match counts here.
    services = yield from gate("ListServices", every(ListServices(filter=name), "duplicate name"))
    for service in services:
        if service.service_name == name:
            raise DuplicateServiceError(name, service.status)


def identify(
    name: str, workspace_id: str | None, journal: Journal, choose: ChooseWorkspace | None
) -> Plan[str | None]:
    """The workspace to deploy into, once the name is known to be free; None leaves it out.

    Raises:
        DuplicateServiceError: A service of that name exists.
        AmbiguousWorkspaceError: Several workspaces are enabled and ``choose`` is None or chose none.
        GateError: ListServices gave no usable answer.
    """
    if workspace_id is not None:
        yield from name_is_free(name)
        return workspace_id
    _, workspaces = yield from together(name_is_free(name), enabled_workspaces(journal))
    if workspaces is None:
        return None
    return (yield from choose_workspace(workspaces, journal, choose))


def enabled_workspaces(journal: Journal) -> Plan[list[WorkspaceInfo] | None]:
    """The workspaces that a service can go into; None, and a notice, when they could not be listed."""
    found = yield from optional(
        every(ListWorkspaces(status="ENABLED"), "workspace"),
        journal,
        rule="workspace.unlisted",
        what="workspaces could not be listed, so the service goes into none",
    )
    if found is None:
        return None
    return [one for one in found if one.status == "ENABLED" and one.workspace_id]


def choose_workspace(
    workspaces: list[WorkspaceInfo], journal: Journal, choose: ChooseWorkspace | None
) -> Plan[str | None]:
    """The workspace to deploy into, of those that are enabled; None leaves it out.

    Raises:
        AmbiguousWorkspaceError: There are several and ``choose`` is None or chose none.
    """
    if not workspaces:
        journal.decide("workspace", "none", "no enabled workspace was found")
        return None
    if len(workspaces) == 1:
        only = workspaces[0]
        journal.decide("workspace", str(only.workspace_id), f"{only.workspace_name} is the only enabled one")
        return only.workspace_id
    if choose is None:
        raise AmbiguousWorkspaceError(workspaces)
    answer = yield from consult(choose, tuple(workspaces))
    chosen = str(getattr(answer, "workspace_id", answer))
    if chosen not in {one.workspace_id for one in workspaces}:
        raise AmbiguousWorkspaceError(workspaces)
    journal.decide("workspace", chosen, f"choose_workspace took it among {len(workspaces)}")
    return chosen
