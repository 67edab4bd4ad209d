"""What the environment says when an argument is left out: the region, and where to send calls."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from eas_deploy.errors import ConfigError
from eas_deploy.findings import Finding

_VARIABLES = ("ALIBABA_CLOUD_REGION_ID", "ALIBABACLOUD_REGION")
_PROFILE_VARIABLE = "ALIBABA_CLOUD_PROFILE"


def resolve_region(region_id: str | None, environ: Mapping[str, str] | None = None) -> str:
    """The region to work in.

    Args:
        region_id: As the caller gave it, or None.
        environ: The environment; the process's own by default.

    Raises:
        ConfigError: It is nowhere to be found.
    """
    environ = os.environ if environ is None else environ
    for candidate in (region_id, *(environ.get(name) for name in _VARIABLES), _profile_region(environ)):
        if candidate:
            return candidate
    raise ConfigError(
        [
            Finding(
                "region.required",
                "error",
                "region_id",
                "no region: neither the argument, nor "
                f"{' or '.join(_VARIABLES)}, nor a profile of the aliyun command line names one",
                'pass region_id, such as Deployer("cn-hangzhou")',
            )
        ]
    )


def resolve_endpoint_url(endpoint_url: str | None, environ: Mapping[str, str] | None = None) -> str | None:
    """The one base URL for all products: the argument, else ``EAS_DEPLOY_ENDPOINT_URL``, else None."""
    environ = os.environ if environ is None else environ
    return endpoint_url or environ.get("EAS_DEPLOY_ENDPOINT_URL") or None


def _profile_region(environ: Mapping[str, str]) -> str | None:
    """The region of the current profile in ``~/.aliyun/config.json``; None when there is no such file."""
    try:
        path = Path(environ.get("HOME") or Path.home()) / ".aliyun" / "config.json"
        config = json.loads(path.read_text(encoding="utf-8"))
        wanted = environ.get(_PROFILE_VARIABLE) or config["current"]
        region = {profile["name"]: profile.get("region_id") for profile in config["profiles"]}.get(wanted)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError):
        return None  # no file, or not one of the command line's: it is only the last place to look
    return region if isinstance(region, str) else None
