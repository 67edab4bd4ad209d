"""Rules about keys that do not belong where they stand, and the rules that reading a document applies."""

from __future__ import annotations

from collections.abc import Mapping

from eas_deploy.rules.document import Document
from eas_deploy.rules.registry import Report, RuleInfo, declare, rule

_PROCESSOR = (
    "processor deployment is another product mode; deploy a container: containers[0].image and command"
)
_MOUNT = "mount the model: storage[] with mount_path and oss.path, and name the mount path in the command"

FORBIDDEN: Mapping[str, str] = {
    "spec": "the service JSON has no spec: metadata, containers, storage and cloud stand at top level",
    "ServiceName": "the name belongs in metadata.name",
    "service_name": "the name belongs in metadata.name",
    "Image": "the image belongs in containers[0].image",
    "image": "the image belongs in containers[0].image",
    "Cpu": "CPU cores belong in metadata.cpu",
    "Memory": "memory belongs in metadata.memory, in MB",
    "Gpu": "the number of GPUs belongs in metadata.gpu",
    "processor": _PROCESSOR,
    "processor_path": _PROCESSOR,
    "processor_entry": _PROCESSOR,
    "processor_type": _PROCESSOR,
    "processor_mainclass": _PROCESSOR,
    "processor_params": _PROCESSOR,
    "model": _MOUNT,
    "model_path": _MOUNT,
    "model_entry": _MOUNT,
    "model_config": "settings of the model belong in containers[0].command or containers[0].env",
    "oss_endpoint": "the endpoint belongs in storage[].oss.endpoint",
    "generate_token": "leave it out: the service makes its token",
    "source": "what is deployed belongs in containers[0].image and storage[]",
    "resourceGroupId": "the resource group belongs in metadata.resource",
    "resource": "the resource group belongs in metadata.resource",
    "instance": "the number of instances belongs in metadata.instance",
    "port": "the port belongs in containers[0].port",
    "command": "the command belongs in containers[0].command",
    "access": "who may call is set by networking and metadata, not by access",
}
"""Keys that are refused at top level, and where what they mean belongs."""

_IGNORED: Mapping[str, str] = {
    "meta": "remove it, or say metadata if that was meant",
    "enable_webservice": "it takes effect as metadata.enable_webservice",
}

_MISPLACED = frozenset(FORBIDDEN) | frozenset(_IGNORED)

declare(
    RuleInfo("json.invalid", "error", "Broken JSON, no object, duplicate keys, NaN or Infinity"),
    RuleInfo("key.unknown", "error", "A key that the service JSON does not have, probably a typo"),
    RuleInfo("value.required", "error", "A key that its object cannot do without is missing"),
    RuleInfo("value.type", "error", "A value has another JSON type than its key takes"),
    RuleInfo("value.range", "error", "A number is smaller than its key allows"),
    RuleInfo("value.choice", "error", "A word is not one of those that its key takes"),
)


@rule(
    RuleInfo("key.forbidden", "error", "A key of other tools or product modes at top level"),
    RuleInfo("key.ignored", "warning", "meta or enable_webservice at top level: the service ignores it"),
)
def misplaced(document: Document, report: Report) -> None:
    """Some keys are refused, and some of official templates do nothing."""
    if _MISPLACED.isdisjoint(document.wire):
        return
    for key in document.wire:
        if key in FORBIDDEN:
            report("key.forbidden", key, f"{key} is not allowed at top level.", FORBIDDEN[key])
        elif key in _IGNORED:
            report("key.ignored", key, f"The service ignores {key} at top level.", _IGNORED[key])
