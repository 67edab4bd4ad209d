"""Rules about what a service runs on: resource group, quota, instance types."""

from __future__ import annotations

from eas_deploy.rules.document import Document, objects_at
from eas_deploy.rules.image_ref import LLM_FRAMEWORKS
from eas_deploy.rules.instance_types import DEDICATED_RESOURCE, is_cpu_type
from eas_deploy.rules.registry import Report, RuleInfo, rule


@rule(
    RuleInfo(
        "resource.missing",
        "error",
        "Neither metadata.resource or quota_id, nor cloud.computing, nor metadata.cpu with metadata.memory",
    ),
    whole=True,
)
def missing(document: Document, report: Report) -> None:
    """A service says what it runs on."""
    metadata = document.metadata
    if document.has_computing or document.resource or document.quota:
        return
    if metadata.get("cpu") is None or metadata.get("memory") is None:
        report(
            "resource.missing",
            "cloud.computing",
            "The service does not say what it runs on.",
            "set cloud.computing.instance_type, or metadata.resource, or metadata.cpu and metadata.memory",
        )


@rule(
    RuleInfo(
        "resource.conflict",
        "error",
        "metadata.resource with cloud.computing, unless resource_burstable or dedicated_resource makes it a pool",
    ),
    whole=True,
    needs="resource",
)
def conflict(document: Document, report: Report) -> None:
    """A service runs in its resource group or on public machines; both is an elastic pool."""
    if not document.has_computing:
        return
    if document.metadata.get("resource_burstable") is True:
        return
    choices = objects_at(document.computing, "instances", "")
    if any(choice.get("type") == DEDICATED_RESOURCE for _, choice in choices):
        return
    report(
        "resource.conflict",
        "cloud.computing",
        "metadata.resource and cloud.computing exclude each other.",
        "remove one, or set metadata.resource_burstable to use public machines when the group is full",
    )


@rule(RuleInfo("resource.id", "error", "metadata.resource does not start with eas-r-"), needs="resource")
def resource_id(document: Document, report: Report) -> None:
    """Resource groups of EAS have ids of their own."""
    if isinstance(document.resource, str) and not document.resource.startswith("eas-r-"):
        report("resource.id", "metadata.resource", "The id of an EAS resource group starts with eas-r-.")


@rule(
    RuleInfo("computing.empty", "error", "cloud.computing without instance_type and instances"),
    RuleInfo("computing.both", "error", "cloud.computing with instance_type and instances"),
    needs="has_computing",
)
def computing(document: Document, report: Report) -> None:
    """Machines are one type or a list of types."""
    instance_type, instances = document.computing.get("instance_type"), document.computing.get("instances")
    if not instance_type and not instances:
        hint = "set instance_type"
        report("computing.empty", "cloud.computing", "Neither instance_type nor instances is given.", hint)
    elif instance_type and instances:
        message = "instance_type and instances exclude each other."
        report("computing.both", "cloud.computing.instances", message, "keep one")


@rule(
    RuleInfo("gpu.required", "fix", "A vLLM or SGLang image on a CPU instance type; the planner switches"),
    whole=True,
    needs="has_computing",
)
def gpu_required(document: Document, report: Report) -> None:
    """VLLM and SGLang never run on CPU."""
    for container in document.containers:
        if container.framework in LLM_FRAMEWORKS:
            break
    else:
        return
    computing = document.computing
    types = [("cloud.computing.instance_type", computing.get("instance_type"))]
    if "instances" in computing:
        choices = objects_at(computing, "instances", "cloud.computing.instances")
        types += [(f"{path}.type", choice.get("type")) for path, choice in choices]
    for path, instance_type in types:
        if isinstance(instance_type, str) and is_cpu_type(instance_type):
            message = f"{container.framework} needs a GPU, and {instance_type} has none."
            report("gpu.required", path, message, "the planner switches to a GPU instance type")


@rule(
    RuleInfo("quota.ignored", "warning", "metadata.quota_id: Lingjun quotas are outside the eight patterns"),
    needs="quota",
)
def quota(document: Document, report: Report) -> None:
    """Quotas pass through unchecked."""
    if isinstance(document.quota, str):
        message = "Lingjun quotas are outside the deployment patterns; nothing about this one is checked."
        report("quota.ignored", "metadata.quota_id", message)
