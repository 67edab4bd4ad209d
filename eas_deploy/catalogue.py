"""Lists of what the region offers, as typed lists that render as tables in notebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, ClassVar, TypeVar

from eas_deploy.calls import (
    DescribeMachineSpec,
    ImageInfo,
    ListImages,
    ListServices,
    ListWorkspaces,
    MachineSpec,
    ServiceInfo,
    WorkspaceInfo,
)
from eas_deploy.calls.steps import Plan, every, send
from eas_deploy.catalog.sizing import Dtype, Fit, Need, Shape, fits, need_of
from eas_deploy.markup import table
from eas_deploy.planning.evidence import OFFICIAL_IMAGES

T = TypeVar("T")


class Catalogue(list[T]):
    """A list that prints and renders as a table; each kind of list says with which columns."""

    _columns: ClassVar[tuple[tuple[str, Callable[[Any], Any]], ...]] = ()

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            tuple("" if cell is None else str(cell) for cell in (read(item) for _, read in self._columns))
            for item in self
        ]

    def __str__(self) -> str:
        rows = [tuple(name for name, _ in self._columns), *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )

    def _repr_html_(self) -> str:
        return table([name for name, _ in self._columns], self._rows())


class Images(Catalogue[ImageInfo]):
    """Images, as ListImages lists them."""

    _columns = (
        ("name", attrgetter("name")),
        ("chip", lambda one: one.label_map.get("system.chipType")),
        ("uri", attrgetter("image_uri")),
    )


class MachineSpecs(Catalogue[MachineSpec]):
    """Instance types, as DescribeMachineSpec lists them."""

    _columns = (
        ("instance type", attrgetter("instance_type")),
        ("CPU", attrgetter("cpu")),
        ("memory (GB)", attrgetter("memory")),
        ("GPU", attrgetter("gpu")),
        ("GPUs", attrgetter("gpu_amount")),
        ("GPU memory (GB)", attrgetter("gpu_memory")),
        ("available", attrgetter("is_available")),
    )


class Workspaces(Catalogue[WorkspaceInfo]):
    """Workspaces, as ListWorkspaces lists them."""

    _columns = (
        ("id", attrgetter("workspace_id")),
        ("name", attrgetter("workspace_name")),
        ("status", attrgetter("status")),
        ("default", attrgetter("is_default")),
    )


class Recommendation(Catalogue[Fit[MachineSpec]]):
    """The instance types on which a model fits, smallest first.

    Attributes:
        need: What the model needs, with every figure's source.
    """

    _columns = (
        ("instance type", attrgetter("machine.instance_type")),
        ("GPU", attrgetter("machine.gpu")),
        ("GPUs", attrgetter("machine.gpu_amount")),
        ("tensor parallel", attrgetter("tensor_parallel")),
        ("needs (GB a GPU)", lambda one: f"{one.needed_gb:.1f}"),
        ("has (GB a GPU)", lambda one: f"{one.usable_gb:.1f}"),
        ("notes", lambda one: "; ".join(one.notes)),
    )

    def __init__(self, fitting: Iterable[Fit[MachineSpec]], need: Need) -> None:
        super().__init__(fitting)
        self.need = need

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (list(self), self.need)

    def __str__(self) -> str:
        return f"{self.need}\n\n{super().__str__() if self else self.need.nowhere}"


def list_services(**filters: Any) -> Plan[list[ServiceInfo]]:
    """All services that fit; ``filters`` are the arguments of ListServices."""
    return every(ListServices(**filters))


def list_images(**filters: Any) -> Plan[Images]:
    """The official images that EAS supports; ``filters`` are the arguments of ListImages."""
    found = yield from every(ListImages(**{"labels": OFFICIAL_IMAGES, "verbose": True, **filters}))
    return Images(found)


def list_machine_specs() -> Plan[MachineSpecs]:
    """The instance types of the public resource group."""
    answer = yield from send(DescribeMachineSpec())
    return MachineSpecs(answer.instance_metas)


def list_workspaces() -> Plan[Workspaces]:
    """The workspaces that the key may see."""
    found = yield from every(ListWorkspaces())
    return Workspaces(found)


def recommend(
    parameters_b: float, dtype: Dtype, context: int, sequences: int, shape: Shape | None
) -> Plan[Recommendation]:
    """The instance types of the public resource group on which a language model fits; see `need_of`."""
    need = need_of(parameters_b, dtype, context, sequences, shape)
    answer = yield from send(DescribeMachineSpec())
    return Recommendation(fits(need, answer.instance_metas), need)
