"""The user agent: who calls, and which of its calls belong together."""

from __future__ import annotations

import re
import uuid

from eas_deploy._version import __version__
from eas_deploy.clients.arguments import refuse

# Visible ASCII and single spaces: what a header may hold without being folded or cut.
_TOKEN = re.compile(r"[!-~]+( [!-~]+)*")


def user_agent(own: str | None = None) -> str:
    """The user agent of one client, with a trace id of its own: 32 lower-case hex characters.

    Args:
        own: The caller's product token, ``"my-tool/1.2"``; put at the end.

    Raises:
        ConfigError: ``own`` cannot stand in a header.
    """
    if own is not None and not _TOKEN.fullmatch(own):
        raise refuse("user_agent", "it cannot stand in a header", "write it like my-tool/1.2")
    trace_id = uuid.uuid4().hex
    ours = (
        f"AlibabaCloud-Agent-Skills/alibabacloud-pai-eas-service-deploy/{trace_id} eas-deploy/{__version__}"
    )
    return f"{ours} {own}" if own else ours
