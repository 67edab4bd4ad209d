"""How a wrong argument of a client is refused: as a ConfigError with one finding that names it."""

from __future__ import annotations

from eas_deploy.errors import ConfigError
from eas_deploy.findings import Finding


def refuse(argument: str, message: str, hint: str) -> ConfigError:
    """The error to raise for ``argument``.

    Args:
        argument: Its name; the finding's path.
        message: What is wrong with it; never holds its value if that may be secret.
        hint: What to do about it.
    """
    return ConfigError([Finding("client.argument", "error", argument, message, hint)])


def positive(argument: str, seconds: float) -> float:
    """``seconds``, if it is more than nothing.

    Raises:
        ConfigError: It is not.
    """
    if not seconds > 0:
        raise refuse(argument, f"{seconds} is not a time to wait", "give seconds, more than 0")
    return float(seconds)
