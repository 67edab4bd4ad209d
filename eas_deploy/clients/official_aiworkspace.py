"""How each AIWorkSpace operation is built.

Imports official packages: import this module only when the first call is made.
"""

from __future__ import annotations

from alibabacloud_aiworkspace20210204 import models

from eas_deploy import calls
from eas_deploy.clients.recording import AIWORKSPACE, Notes, builds


@builds(calls.ListImages)
def _(_region: str, call: calls.ListImages, notes: Notes) -> None:
    request = models.ListImagesRequest(
        labels=call.labels,
        name=call.name,
        verbose=call.verbose,
        sort_by=call.sort_by,
        order=call.order,
        workspace_id=call.workspace_id,
        query=call.query,
        accessibility=call.accessibility,
        page_number=call.page_number,
        page_size=call.page_size,
    )
    AIWORKSPACE.list_images_with_options(request, {}, notes)


@builds(calls.GetImage)
def _(_region: str, call: calls.GetImage, notes: Notes) -> None:
    request = models.GetImageRequest(verbose=call.verbose)
    AIWORKSPACE.get_image_with_options(call.image_id, request, {}, notes)


@builds(calls.ListWorkspaces)
def _(_region: str, call: calls.ListWorkspaces, notes: Notes) -> None:
    request = models.ListWorkspacesRequest(
        status=call.status,
        verbose=call.verbose,
        workspace_name=call.workspace_name,
        page_number=call.page_number,
        page_size=call.page_size,
    )
    AIWORKSPACE.list_workspaces_with_options(request, {}, notes)


@builds(calls.ListDatasets)
def _(_region: str, call: calls.ListDatasets, notes: Notes) -> None:
    request = models.ListDatasetsRequest(
        workspace_id=call.workspace_id,
        name=call.name,
        data_source_types=call.data_source_types,
        page_number=call.page_number,
        page_size=call.page_size,
    )
    AIWORKSPACE.list_datasets_with_options(request, {}, notes)
