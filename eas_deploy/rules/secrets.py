"""Rules about secrets that stand in the JSON in plain sight."""

from __future__ import annotations

import re

from eas_deploy.rules.document import Document, object_at, objects_at, text_at
from eas_deploy.rules.registry import Report, RuleInfo, rule

_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|KEY$", re.IGNORECASE)
_MESSAGE = "A secret stands in the service JSON in plain sight; whoever may describe the service reads it."


@rule(
    RuleInfo(
        "secret.inline",
        "warning",
        "dockerAuth, a git password, or an environment variable named like a secret, with a plain value",
    )
)
def inline(document: Document, report: Report) -> None:
    """Secrets are better kept elsewhere."""
    places = ["dockerAuth"] if "dockerAuth" in document.wire and text_at(document.wire, "dockerAuth") else []
    for container in document.containers:
        if "dockerAuth" in container.wire and text_at(container.wire, "dockerAuth"):
            places.append(f"{container.path}.dockerAuth")
        if "env" in container.wire:
            places += [
                f"{path}.value"
                for path, variable in objects_at(container.wire, "env", f"{container.path}.env")
                if text_at(variable, "value") and _SECRET_NAME.search(text_at(variable, "name") or "")
            ]
    for mount in document.mounts:
        if "git" in mount.kinds and text_at(object_at(mount.wire, "git"), "password"):
            places.append(f"{mount.path}.git.password")
    for path in places:
        report("secret.inline", path, _MESSAGE)
