"""RAM policies: may this action be called, and if not, what does the refusal say.

Actions and effects only. Resources and conditions are read as "all" and "always": the operations of a
deployment are granted account-wide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import translate
from typing import Any, Literal

from eas_deploy.emulator.refusal import GatewayRefusalError

Verdict = Literal["Allow", "ImplicitDeny", "ExplicitDeny"]

OWNER_ID = "1234567890123456"
"""The emulated account's id; service addresses of the real product begin with it too."""


class Policy:
    """A RAM policy document, ready to be asked.

    Args:
        document: ``{"Version": "1", "Statement": [{"Effect": ..., "Action": ...}]}``.

    Raises:
        ValueError: If a statement has no Effect of Allow or Deny, or no Action.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        statements = document.get("Statement", [])
        if isinstance(statements, Mapping):
            statements = [statements]
        self._rules: list[tuple[str, re.Pattern[str]]] = []
        for statement in statements:
            effect, actions = statement.get("Effect"), statement.get("Action")
            if effect not in {"Allow", "Deny"} or not isinstance(actions, str | list):
                raise ValueError(f"a policy statement needs an Effect and an Action: {statement}")
            for action in [actions] if isinstance(actions, str) else actions:
                self._rules.append((effect, re.compile(translate(action.lower()))))

    def judge(self, action: str) -> Verdict:
        """What the policy says about ``action``: a Deny wins, silence denies."""
        effects = {effect for effect, pattern in self._rules if pattern.match(action.lower())}
        if "Deny" in effects:
            return "ExplicitDeny"
        return "Allow" if effects else "ImplicitDeny"


def permission_refused(action: str, verdict: Verdict, *, code: str) -> GatewayRefusalError:
    """The 403 answer for a denied ``action``, with the detail that names it."""
    return GatewayRefusalError(
        403,
        code,
        f"You are not authorized to do this operation. Action: {action}.",
        denied={
            "AuthAction": action,
            "AuthPrincipalType": "SubUser",
            "AuthPrincipalOwnerId": OWNER_ID,
            "AuthPrincipalDisplayName": "emulator",
            "NoPermissionType": verdict,
            "PolicyType": "AccountLevelIdentityBasedPolicy",
            "EncodedDiagnosticMessage": "",
        },
    )
