"""What an unknown key was probably meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

_OTHER_WORDS: Mapping[str, str] = {
    "minreplica": "min",
    "minreplicas": "min",
    "maxreplica": "max",
    "maxreplicas": "max",
    "replica": "instance",
    "replicas": "instance",
    "instancecount": "instance",
    "environment": "env",
    "envs": "env",
    "entrypoint": "command",
    "cmd": "command",
    "ports": "port",
    "workspace": "workspace_id",
    "servicename": "name",
    "memorymb": "memory",
    "resourceid": "resource",
    "resourcegroup": "resource",
    "resourcegroupid": "resource",
    "metric": "metricName",
    "value": "threshold",
    "nas": "nfs",
    "vpc": "vpc_id",
    "vswitch": "vswitch_id",
    "securitygroup": "security_group_id",
    "livenessprobe": "liveness_check",
    "readinessprobe": "readiness_check",
    "startupprobe": "startup_check",
    "mountpoint": "mount_path",
}
"""Words of other tools, by their bare form, and the key that they are called here."""


def nearest(key: str, names: Iterable[str]) -> str | None:
    """The name among those of an object that a misspelt key probably stands for; None if none is near."""
    bare_names = {_bare(name): name for name in names}
    bare = _bare(key)
    if bare in bare_names:
        return bare_names[bare]
    word = _OTHER_WORDS.get(bare)
    if word is not None and _bare(word) in bare_names:
        return word
    near = difflib.get_close_matches(bare, bare_names, n=1, cutoff=0.7)
    return bare_names[near[0]] if near else None


def _bare(key: str) -> str:
    return key.replace("_", "").replace("-", "").replace(".", "").lower()
