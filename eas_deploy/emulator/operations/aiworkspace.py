"""AIWorkSpace operations: images, workspaces, datasets."""

from __future__ import annotations

from typing import Any

from eas_deploy.emulator.catalog import image_labels
from eas_deploy.emulator.operations.call import ApiCall
from eas_deploy.emulator.paging import page_by_number
from eas_deploy.emulator.refusal import RefusalError, invalid_parameter


def list_images(call: ApiCall) -> dict[str, Any]:
    """ListImages; without ``Verbose`` it neither tells labels nor filters by them."""
    query, verbose = call.query, call.flag("Verbose")
    wanted = _labels(query.get("Labels", "")) if verbose else {}
    found = [
        image
        for image in call.world.catalog.images
        if query.get("Name", "").lower() in image["Name"].lower()
        and query.get("Accessibility") in {None, "", image.get("Accessibility", "PUBLIC")}
        and wanted.items() <= image_labels(image).items()
    ]
    if query.get("SortBy") == "Name":
        found.sort(key=lambda image: str(image["Name"]), reverse=query.get("Order", "").upper() == "DESC")
    page = page_by_number(found, query, default=20)
    return {"Images": [_image(image, verbose) for image in page.items], "TotalCount": page.total}


def get_image(call: ApiCall) -> dict[str, Any]:
    """GetImage: the image, without its id."""
    image_id = call.path["ImageId"]
    for image in call.world.catalog.images:
        if image["ImageId"] == image_id:
            answer = _image(image, call.flag("Verbose"))
            del answer["ImageId"]
            return answer
    raise RefusalError(404, "EntityNotExist", f"Image {image_id} is not found.")


def _image(image: dict[str, Any], verbose: bool) -> dict[str, Any]:
    shown = {**image, "Size": image.get("Size", 12), "GmtCreateTime": "2026-01-01T00:00:00Z"}
    if not verbose:
        del shown["Labels"]
    return shown


def _labels(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",") if part]
    if not all(separator for _, separator, _ in pairs):
        raise invalid_parameter("Labels must look like key=value,key=value.")
    return {key: value for key, _, value in pairs}


def list_workspaces(call: ApiCall) -> dict[str, Any]:
    """ListWorkspaces."""
    query = call.query
    found = [
        workspace.wire(call.world.owner_id)
        for workspace in call.world.workspaces.values()
        if query.get("Status") in {None, "", workspace.status}
        and query.get("WorkspaceName", "") in workspace.name
    ]
    page = page_by_number(found, query, default=20)
    return {"Workspaces": list(page.items), "TotalCount": page.total}


def list_datasets(call: ApiCall) -> dict[str, Any]:
    """ListDatasets."""
    query = call.query
    sources = [source for source in query.get("DataSourceTypes", "").split(",") if source]
    found = [
        dataset.wire()
        for dataset in call.world.datasets.values()
        if query.get("WorkspaceId") in {None, "", dataset.workspace_id}
        and query.get("Name", "") in dataset.name
        and (not sources or dataset.source_type in sources)
    ]
    page = page_by_number(found, query, default=10)
    return {"Datasets": list(page.items), "TotalCount": page.total}
