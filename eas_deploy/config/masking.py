"""What of a service JSON may be shown: everything except secrets, which become ``***``.

One rule for all output: values of environment variables, values under keys that are named like secrets, and
credentials inside URLs are masked. Unknown keys are covered, since the rule goes by name.
"""

from __future__ import annotations

import re
from typing import Any

MASK = "***"

_SECRET_KEY = re.compile(r"token|secret|passw(?:or)?d|credential|auth$|key$", re.IGNORECASE)
_URL_CREDENTIALS = re.compile(r"://[^/\s@]+@")


def masked(value: Any, key: str = "") -> Any:
    """The JSON value with every secret in it replaced by ``***``.

    Args:
        value: Any JSON value.
        key: The key it stands under, which says whether it is a secret.
    """
    if isinstance(value, dict):
        return {name: masked(one, name) for name, one in value.items()}
    if isinstance(value, list):
        if key == "env":
            return [_masked_variable(one) for one in value]
        return [masked(one, key) for one in value]
    if isinstance(value, str):
        if value and _SECRET_KEY.search(key):
            return MASK
        return _URL_CREDENTIALS.sub(f"://{MASK}@", value)
    return value


def _masked_variable(variable: Any) -> Any:
    if not isinstance(variable, dict):
        return MASK
    return {key: MASK if key == "value" else masked(one, key) for key, one in variable.items()}
