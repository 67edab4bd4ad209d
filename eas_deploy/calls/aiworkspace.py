"""The operations of AIWorkSpace, version 2021-02-04, as values: images, workspaces, datasets.

The RAM actions bear the names of the official pages: there is no ``aiworkspace:`` action. An argument that
is None is not sent. Source: Alibaba Cloud AIWorkSpace API reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from eas_deploy.calls.answers_pai import (
    ImageInfo,
    ListDatasetsAnswer,
    ListImagesAnswer,
    ListWorkspacesAnswer,
)
from eas_deploy.calls.base import Call, NumberedCall


@dataclass(frozen=True)
class ListImages(
    NumberedCall[ListImagesAnswer],
    product="aiworkspace",
    ram_action="paiimage:ListImages",
    answer=ListImagesAnswer,
):
    """Images of the catalogue.

    Attributes:
        labels: Labels that they carry, ``"system.official=true,system.supported.eas=true"``.
        name: Part of a name (fuzzy).
        verbose: Whether the answer carries the labels.
        sort_by: The field to sort by, such as ``"GmtCreateTime"``.
        order: ``"ASC"`` or ``"DESC"``.
        workspace_id: The workspace whose own images are listed too.
        query: Words to search name and description for.
        accessibility: ``"PUBLIC"`` or ``"PRIVATE"``.
    """

    labels: str | None = None
    name: str | None = None
    verbose: bool | None = None
    sort_by: str | None = None
    order: str | None = None
    workspace_id: str | None = None
    query: str | None = None
    accessibility: str | None = None
    # The page size of the deployment procedure; the service's own default is 20.
    page_size: int = field(default=50, kw_only=True)


@dataclass(frozen=True)
class GetImage(Call[ImageInfo], product="aiworkspace", ram_action="paiimage:GetImage", answer=ImageInfo):
    """One image; the answer leaves its id out.

    Attributes:
        image_id: ``image-...``.
        verbose: Whether the answer carries the labels.
    """

    image_id: str
    verbose: bool | None = None


@dataclass(frozen=True)
class ListWorkspaces(
    NumberedCall[ListWorkspacesAnswer],
    product="aiworkspace",
    ram_action="paiworkspace:ListWorkspaces",
    answer=ListWorkspacesAnswer,
):
    """Workspaces.

    Attributes:
        status: A status word, ``"ENABLED"``.
        verbose: Whether the answer carries all fields.
        workspace_name: Only those of this name.
    """

    status: str | None = None
    verbose: bool | None = None
    workspace_name: str | None = None
    # The documented default; no larger one is documented as allowed.
    page_size: int = field(default=20, kw_only=True)


@dataclass(frozen=True)
class ListDatasets(
    NumberedCall[ListDatasetsAnswer],
    product="aiworkspace",
    ram_action="paidataset:ListDatasets",
    answer=ListDatasetsAnswer,
):
    """Datasets of a workspace.

    Attributes:
        workspace_id: Which workspace.
        name: Part of a name.
        data_source_types: ``"OSS,NAS"`` and the like.
    """

    workspace_id: str | None = None
    name: str | None = None
    data_source_types: str | None = None
    # The documented default; no larger one is documented as allowed.
    page_size: int = field(default=10, kw_only=True)
