"""``storage[]``: what is mounted where. Mind the key styles: oss and nfs write readOnly, dataset read_only."""

from __future__ import annotations

from pydantic import Field

from eas_deploy.config.fields import Flag, IntegerOrText, OpenMap, Text
from eas_deploy.config.wire_model import WireModel


class OssMount(WireModel):
    """A path of an OSS bucket."""

    place = ("storage", 0, "oss")

    path: Text = Field(description="oss://bucket/path/, with a slash at the end.")
    read_only: Flag | None = Field(
        None, validation_alias="readOnly", description="Whether the mount is read-only."
    )
    endpoint: Text | None = Field(None, description="OSS endpoint of the bucket's region.")


class NfsMount(WireModel):
    """A path of a NAS, Extreme NAS or CPFS file system."""

    server: Text = Field(description="Host name of the mount target.")
    path: Text | None = Field(None, description="Path in the file system.")
    read_only: Flag | None = Field(
        None, validation_alias="readOnly", description="Whether the mount is read-only."
    )
    resource_group: Text | None = Field(
        None, validation_alias="resourceGroup", description="Resource group of the file system."
    )


class DatasetMount(WireModel):
    """A dataset of the PAI workspace."""

    id: Text = Field(description="Dataset id, d-...")
    version: Text | None = Field(None, description="Dataset version, such as v1.")
    read_only: Flag | None = Field(None, description="Whether the mount is read-only.")


class GitMount(WireModel):
    """A git repository. Its password is never shown."""

    place = ("storage", 0, "git")

    repo: Text = Field(description="https address of the repository.")
    branch: Text | None = Field(None, description="Branch to check out.")
    commit: Text | None = Field(None, description="Commit to check out.")
    username: Text | None = Field(None, description="User name for a private repository.")
    password: Text | None = Field(None, description="Password or token for a private repository; a secret.")


class CodeMount(WireModel):
    """A code build of the PAI workspace."""

    id: Text = Field(description="Id of the code build.")


class ImageMount(WireModel):
    """A path of a container image."""

    image: Text = Field(description="Image reference.")
    path: Text | None = Field(None, description="Path in the image.")


class EmptyDirMount(WireModel):
    """An empty directory that lives as long as the instance."""

    medium: Text | None = Field(None, description="memory for a directory in memory; otherwise on disk.")
    size_limit: IntegerOrText | None = Field(None, description="Largest size, in GB or as text such as 10Gi.")


class CacheMount(WireModel):
    """A local cache of another mounted path."""

    capacity: IntegerOrText | None = Field(None, description="Size of the cache, such as 200G.")
    path: Text | None = Field(None, description="The mounted path that is cached.")


class CpfsMount(WireModel):
    """A CPFS file system by its id. Seen once and undocumented; nfs with the CPFS server is the known way."""

    file_system_id: Text | None = Field(None, description="Id of the file system.")
    path: Text | None = Field(None, description="Path in the file system.")


class Storage(WireModel):
    """One mount: where it appears, and exactly one kind of what is mounted."""

    place = ("storage", 0)

    mount_path: Text = Field(description="Absolute path in the container.")
    oss: OssMount | None = Field(None, description="A path of an OSS bucket.")
    nfs: NfsMount | None = Field(None, description="A path of a NAS, Extreme NAS or CPFS file system.")
    dataset: DatasetMount | None = Field(None, description="A dataset of the PAI workspace.")
    git: GitMount | None = Field(None, description="A git repository.")
    code: CodeMount | None = Field(None, description="A code build of the PAI workspace.")
    image: ImageMount | None = Field(None, description="A path of a container image.")
    empty_dir: EmptyDirMount | None = Field(None, description="An empty directory.")
    cache: CacheMount | None = Field(None, description="A local cache of another mounted path.")
    cpfs: CpfsMount | None = Field(None, description="A CPFS file system by its id; undocumented.")
    properties: OpenMap | None = Field(
        None, description="Marks for the console, such as resource_type: model."
    )
