"""Rules about mounts."""

from __future__ import annotations

import re

from eas_deploy.rules.document import KINDS, Document, Mount, Object, object_at
from eas_deploy.rules.image_ref import MODEL_FRAMEWORKS
from eas_deploy.rules.paths import is_within
from eas_deploy.rules.registry import Report, RuleInfo, rule

RESERVED = frozenset(
    {"", "bin", "boot", "dev", "etc", "lib", "lib64", "proc", "root", "run", "sbin", "sys", "usr", "var"}
)
"""Top folders of a container, and the root itself, that nothing may be mounted over or into."""
_READ_ONLY_KEYS = {"oss": "readOnly", "nfs": "readOnly", "dataset": "read_only"}
_OSS_PATH = re.compile(r"oss://[a-z0-9][a-z0-9-]{1,61}[a-z0-9](?:/|\Z)")
"""A bucket name that OSS takes, and any path. Source: OSS bucket naming rules."""


@rule(
    RuleInfo("storage.kind", "error", "A mount with none or several kinds (oss, nfs, dataset, ...)"),
    RuleInfo("storage.mount_absolute", "error", "A mount path that is not absolute"),
    RuleInfo("storage.mount_reserved", "error", "A mount path that is, or is in, a system folder"),
    needs="mounts",
)
def entry(document: Document, report: Report) -> None:
    """A mount is of exactly one kind and stays clear of the system."""
    for mount in document.mounts:
        if len(mount.kinds) != 1:
            what = f"has {' and '.join(mount.kinds)}" if mount.kinds else "does not say what is mounted"
            message = f"The mount {what}; it takes exactly one of {', '.join(sorted(KINDS))}."
            report("storage.kind", mount.path, message)
        folder = mount.folder
        if folder is None:
            if isinstance(mount.wire.get("mount_path"), str):
                message = "The mount path does not start with /."
                report("storage.mount_absolute", f"{mount.path}.mount_path", message)
        elif folder.split("/", 2)[1] in RESERVED and not _is_shared_memory(mount):
            message = f"{folder} belongs to the system of the container."
            report(
                "storage.mount_reserved", f"{mount.path}.mount_path", message, "use /model_dir or the like"
            )


def _is_shared_memory(mount: Mount) -> bool:
    medium = object_at(mount.wire, "empty_dir").get("medium")
    return mount.folder == "/dev/shm" and isinstance(medium, str) and medium.lower() == "memory"  # noqa: S108 - a mount path of the service, no file of ours


@rule(RuleInfo("storage.mount_overlap", "error", "Equal or nested mount paths"), whole=True, needs="mounts")
def mount_overlap(document: Document, report: Report) -> None:
    """No mount hides another."""
    if len(document.mounts) == 1:
        return
    earlier: list[tuple[str, str]] = []
    for mount in document.mounts:
        folder = mount.folder
        if folder is None:
            continue
        for other, path in earlier:
            if is_within(folder, other) or is_within(other, folder):
                message = f"{folder} and {other} ({path}) overlap."
                report("storage.mount_overlap", f"{mount.path}.mount_path", message)
        earlier.append((folder, mount.path))


@rule(
    RuleInfo("storage.oss_path", "error", "Not oss://bucket/path, or a bucket name that OSS would refuse"),
    RuleInfo("storage.oss_slash", "notice", "An OSS path without a slash at the end"),
    RuleInfo("storage.cpfs", "warning", "The kind cpfs: seen once and undocumented"),
    RuleInfo("storage.git_https", "error", "A git repository that is not https"),
    needs="mounts",
)
def content(document: Document, report: Report) -> None:
    """What is mounted can be found."""
    for mount in document.mounts:
        for kind in mount.kinds:
            check = _CHECKS.get(kind)
            if check is not None:
                check(mount, object_at(mount.wire, kind), report)


def _check_oss(mount: Mount, oss: Object, report: Report) -> None:
    path = oss.get("path")
    if not isinstance(path, str):
        return
    if _OSS_PATH.match(path) is None:
        message = "This is not oss://bucket/path/ with a bucket name of 3 to 63 of a-z, 0-9 and hyphen."
        hint = "the endpoint belongs in oss.endpoint" if ".aliyuncs.com" in path else ""
        report("storage.oss_path", f"{mount.path}.oss.path", message, hint)
    elif not path.endswith("/"):
        report("storage.oss_slash", f"{mount.path}.oss.path", "A folder's path ends with a slash.", "add it")


def _check_cpfs(mount: Mount, _cpfs: Object, report: Report) -> None:
    report("storage.cpfs", f"{mount.path}.cpfs", "The kind cpfs is undocumented.", "use nfs with its server")


def _check_git(mount: Mount, git: Object, report: Report) -> None:
    repo = git.get("repo")
    if isinstance(repo, str) and not repo.startswith("https://"):
        report("storage.git_https", f"{mount.path}.git.repo", "The repository's address is not https://.")


_CHECKS = {"oss": _check_oss, "cpfs": _check_cpfs, "git": _check_git}
"""What a kind of mount must be like."""


@rule(
    RuleInfo("storage.writable_model", "notice", "A model mount that is not read-only"),
    whole=True,
    needs="mounts",
)
def writable_model(document: Document, report: Report) -> None:
    """A model is not written to by serving it."""
    for mount in document.mounts:
        for kind in mount.kinds:
            key = _READ_ONLY_KEYS.get(kind)
            if key is None or object_at(mount.wire, kind).get(key) is True:
                continue
            is_marked = object_at(mount.wire, "properties").get("resource_type") == "model"
            if is_marked or any(holder is mount for _, _, holder in document.models):
                message = f"The model at {mount.folder} is mounted writable."
                report("storage.writable_model", f"{mount.path}.{kind}.{key}", message, "mount it read-only")


@rule(
    RuleInfo("storage.missing", "warning", "An official model server image with nothing mounted"),
    whole=True,
    needs="containers",
)
def missing(document: Document, report: Report) -> None:
    """Model servers need a model."""
    if document.mounts:
        return
    for container in document.containers:
        image = container.image
        if image is not None and image.is_official and image.name in MODEL_FRAMEWORKS:
            report("storage.missing", "storage", f"{image.name} has no model mounted.", "add storage[]")
            return
