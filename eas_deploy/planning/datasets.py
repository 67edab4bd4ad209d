"""Datasets that a service mounts: they exist, and they are on OSS."""

from __future__ import annotations

from eas_deploy.calls import ListDatasets
from eas_deploy.calls.steps import Plan, every
from eas_deploy.planning.gates import optional
from eas_deploy.planning.journal import Journal
from eas_deploy.planning.needs import Needs
from eas_deploy.planning.network import missing


def check_datasets(needs: Needs, journal: Journal) -> Plan[None]:
    """Check the datasets of ``needs``; nothing is asked when there are none.

    Raises:
        ResourceNotFoundError: One is not listed, or is not on OSS.
    """
    if not needs.datasets:
        return
    listed = yield from optional(
        every(ListDatasets(workspace_id=needs.workspace_id), "check the datasets"),
        journal,
        rule="dataset.unlisted",
        what="datasets could not be listed and were not checked",
    )
    if listed is None:
        return
    sources = {one.dataset_id: one.data_source_type for one in listed}
    looked_at = [
        f"ListDatasets of workspace {needs.workspace_id or '(none)'}: "
        + (", ".join(f"{key} ({source})" for key, source in sources.items()) or "none")
    ]
    for dataset_id in needs.datasets:
        if dataset_id not in sources:
            raise missing(
                "dataset",
                f"Dataset {dataset_id} does not exist in the workspace. Check the id and the workspace.",
                looked_at,
                empty=not sources,
            )
        if sources[dataset_id] not in {None, "OSS"}:
            raise missing(
                "dataset",
                f"Dataset {dataset_id} is on {sources[dataset_id]}; a service mounts datasets that are on OSS. "
                "Mount it as nfs instead, or use another dataset.",
                looked_at,
            )
