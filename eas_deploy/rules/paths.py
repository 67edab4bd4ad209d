"""JSON paths such as ``storage[0].oss.path`` and ``metadata["rpc.keepalive"]``, and paths of files in a container."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable


def child(path: str, step: str | int) -> str:
    """The path of a member: an index, a key, or in brackets and quotes a key that is no plain word."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    if not step.replace("-", "_").isidentifier():
        return f"{path}[{json.dumps(step, ensure_ascii=False)}]"
    return f"{path}.{step}" if path else step


def joined(steps: Iterable[str | int]) -> str:
    """The path that leads along keys and indexes, from the document down."""
    path = ""
    for step in steps:
        path = child(path, step)
    return path


def normalised(path: str) -> str:
    """An absolute path without trailing slash, ``.`` and ``..``."""
    if "//" not in path and "/." not in path:
        return path.rstrip("/") or "/"
    return "/" + posixpath.normpath(path).lstrip("/")


def is_within(path: str, folder: str) -> bool:
    """Whether a normalised path is a folder or below it."""
    return folder == "/" or f"{path}/".startswith(f"{folder}/")
