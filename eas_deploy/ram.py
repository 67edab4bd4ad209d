"""The smallest RAM policy that lets a set of calls run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol


class _NeedsPermission(Protocol):
    @property
    def ram_action(self) -> str: ...


def policy_for(calls: Iterable[_NeedsPermission]) -> dict[str, Any]:
    """A RAM policy document that allows exactly the actions of ``calls``.

    Returns:
        A dict in the form of RAM's policy language, version 1, actions sorted, on all resources: the
        ids are not known before the calls are made.

    Source: Alibaba Cloud RAM, policy structure and syntax; the EAS, AIWorkSpace, VPC, ECS and NLB
    authorization pages for the action names.
    """
    actions = sorted({call.ram_action for call in calls})
    return {"Version": "1", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
