"""Rules that no document can be judged by alone: the planner applies them, or whoever takes an argument.

They are declared here so that the catalogue lists every id that a finding can have.
"""

from __future__ import annotations

from eas_deploy.findings import Severity
from eas_deploy.rules.registry import RuleInfo, declare


def _planner(rule: str, severity: Severity, summary: str) -> RuleInfo:
    return RuleInfo(rule, severity, summary, planner=True)


declare(
    _planner(
        "image.unknown",
        "notice",
        "An image that is not in the official list; an error for a bare name, which cannot be pulled",
    ),
    _planner("image.ambiguous", "error", "An image name that several official images begin with"),
    _planner("image.region", "error", "An image of another region's official registry"),
    _planner(
        "image.chip",
        "error",
        "An image for another chip than the instance type's; a warning for a GPU image of a framework that "
        "also runs on a CPU",
    ),
    _planner("instance.unknown", "error", "An instance type that does not exist"),
    _planner(
        "instance.no_stock",
        "error",
        "An instance type that is out of stock; a warning where another one of the list can be had",
    ),
    _planner("model.category", "warning", "A language model on an image-generation image, or the reverse"),
    _planner("workspace.unlisted", "notice", "Workspaces could not be listed; the service goes into none"),
    _planner("dataset.unlisted", "notice", "Datasets could not be listed, so they were not checked"),
    _planner("nlb.unlisted", "notice", "The NLBs of the region could not be listed as candidates"),
    _planner(
        "spot.dropped",
        "notice",
        "A spot price limit that was set for a CPU type and left out for the GPU type",
    ),
    _planner("resource.busy", "warning", "A dedicated resource group that has too little free just now"),
    RuleInfo("region.required", "error", "No region in the argument, the environment or the CLI profile"),
    RuleInfo("client.argument", "error", "An argument of Deployer that cannot be used, such as half a key"),
    RuleInfo("plan.region", "error", "A plan of another region than the deployer that is to execute it"),
    RuleInfo(
        "request.extra", "error", "An extra that takes out the network or resource group of the request"
    ),
    RuleInfo("request.conflict", "error", "A field of a pattern and its shorthands are both given"),
    RuleInfo("pattern.framework", "error", "An image of another framework than the one the pattern is about"),
)
