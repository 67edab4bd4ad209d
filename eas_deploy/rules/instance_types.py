"""What an instance type's name says about it. A leaf; pure."""

from __future__ import annotations

import re

_CPU_FAMILY = re.compile(r"(?:ecs|ml)\.(?:hf[cgr]?|[cgru])[0-9]")

DEDICATED_RESOURCE = "dedicated_resource"
"""In ``cloud.computing.instances``: the resource group's own machines."""


def is_cpu_type(instance_type: str) -> bool:
    """Whether an instance type has no GPU, as far as its name tells: families c, g, r, u and hf.

    ``ecs.c7.xlarge`` is one; ``ecs.gn7i-c16g1.4xlarge`` and ``ml.gu7i.c8m30.1-gu30`` are not.
    """
    return _CPU_FAMILY.match(instance_type) is not None
