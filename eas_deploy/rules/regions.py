"""``storage.oss_region``: mounts that name another region than the deployment's. Applied by the planner."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eas_deploy.findings import Finding
from eas_deploy.rules.document import object_at, objects_at, text_at
from eas_deploy.rules.registry import INFOS, Report, RuleInfo, declare

_REGION = r"(?P<region>[a-z]{2}-[a-z0-9]+(?:-[a-z0-9]+)*?)"
_OSS_HOST = re.compile(
    rf"(?:[a-z0-9-]+\.)*?(?:vpc100-)?oss-{_REGION}(?:-internal)?\.aliyuncs\.com"
    rf"|(?:[a-z0-9-]+\.)?(?P<accelerated>[a-z]{{2}}-[a-z0-9-]+?)(?:-internal)?\.oss-data-acc\.aliyuncs\.com"
)
_FILE_HOST = re.compile(rf"[^.]+\.{_REGION}(?:\.extreme)?\.(?:nas|cpfs)\.aliyuncs\.com")
_HOST_OF_URL = re.compile(r"(?:[a-z0-9]+://)?(?P<host>[^/:]+)(?::\d+)?(?:/.*)?", re.IGNORECASE)

# Endpoints of financial clouds whose names are no region ids; what region they serve is not in them.
_NO_REGION_IDS = frozenset({"cn-hzfinance", "cn-hzjbp", "cn-hzjbp-a", "cn-hzjbp-b", "cn-szfinance"})

declare(
    RuleInfo(
        "storage.oss_region",
        "error",
        "The OSS endpoint, or a NAS or CPFS server, is in another region than the deployment",
        planner=True,
    )
)


def check_region(wire: Mapping[str, Any], region_id: str) -> list[Finding]:
    """A finding for each mount whose host names another region than the deployment's.

    Args:
        wire: A service JSON as a plain object.
        region_id: The region of the deployment, such as ``"cn-hangzhou"``.
    """
    report = Report()
    for path, entry in objects_at(wire, "storage", "storage"):
        places = (
            (f"{path}.oss.endpoint", text_at(object_at(entry, "oss"), "endpoint"), _OSS_HOST),
            (f"{path}.nfs.server", text_at(object_at(entry, "nfs"), "server"), _FILE_HOST),
        )
        for at, host, pattern in places:
            region = _region_of(host, pattern) if host is not None else None
            if region is not None and region != region_id:
                message = f"This is in {region}, and the service will be in {region_id}."
                report(INFOS["storage.oss_region"].id, at, message, f"use storage in {region_id}")
    return report.found


def _region_of(url: str, pattern: re.Pattern[str]) -> str | None:
    host = _HOST_OF_URL.fullmatch(url.strip())
    match = pattern.fullmatch(host["host"].lower()) if host is not None else None
    if match is None:
        return None
    region = match["region"] or match.groupdict().get("accelerated")
    return None if region in _NO_REGION_IDS else region
