"""Rules about start commands."""

from __future__ import annotations

from eas_deploy.rules.document import DEFAULT_PORT, Document
from eas_deploy.rules.registry import Report, RuleInfo, rule


@rule(
    RuleInfo("command.both", "error", "command and script together"),
    RuleInfo("command.missing", "warning", "Neither command nor script: the image's own entry point is used"),
    RuleInfo("command.chained", "warning", "command with &&, ; or a newline: use script"),
    needs="containers",
)
def form(document: Document, report: Report) -> None:
    """A container is started by a single command or by a script."""
    for container in document.containers:
        command, script = container.wire.get("command"), container.wire.get("script")
        if command and script:
            message = "command and script exclude each other."
            report("command.both", f"{container.path}.script", message, "keep one")
        elif not command and not script:
            message = "Neither command nor script: the image's own entry point is used."
            report("command.missing", container.path, message)
        joint = container.command.joint
        if joint is not None:
            message = f"command is a single command, and this one has {joint}."
            report("command.chained", f"{container.path}.command", message, "put it into script")


@rule(
    RuleInfo(
        "command.oss_url",
        "error",
        "An oss:// URL as the model of vLLM or SGLang; a warning where it is another program's argument",
    ),
    needs="oss_words",
)
def oss_url(document: Document, report: Report) -> None:
    """Models are mounted, not read from OSS by the server."""
    for container in document.containers:
        for key, is_model in container.command.oss_urls:
            path = f"{container.path}.{key}"
            if is_model:
                message = "vLLM and SGLang cannot read a model from an oss:// URL."
                hint = "mount it with storage[] and name the mount path"
                report("command.oss_url", path, message, hint)
            else:
                message = "An oss:// URL in a command works only if the program reads OSS by itself."
                hint = "a mounted path is the usual way"
                report("command.oss_url", path, message, hint, severity="warning")


@rule(
    RuleInfo("command.port_mismatch", "warning", "--port in the command differs from the container port"),
    needs="containers",
)
def port_mismatch(document: Document, report: Report) -> None:
    """The program listens where the container says."""
    for container in document.containers:
        ports = container.command.ports
        if not ports or (container.port is None and len(document.containers) > 1):
            continue  # Which of several containers the default port belongs to cannot be told.
        expected = container.port or DEFAULT_PORT
        for _, number in ports:
            if number == expected:
                break  # A script may start helpers on other ports; one program on this one is enough.
        else:
            key, number = ports[-1]
            message = f"The command listens on port {number}, the container says {expected}."
            report("command.port_mismatch", f"{container.path}.{key}", message)


@rule(
    RuleInfo("command.model_path", "warning", "A local model path in the command that no mount covers"),
    whole=True,
    needs="models",
)
def model_path(document: Document, report: Report) -> None:
    """The model that the command names is mounted."""
    for path, model, mount in document.models:
        if mount is None:
            message = f"No mount covers the model path {model}."
            report("command.model_path", path, message, "mount the model there, unless the image holds it")
