"""What the catalogue says to a request: images to pull, machines to run on. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from eas_deploy.calls import ImageInfo, MachineSpec
from eas_deploy.catalog.chips import check_chip, chip_by_name, chip_of
from eas_deploy.catalog.images import ResolvedImage, resolve_image
from eas_deploy.catalog.machines import find_machine, pick_gpu
from eas_deploy.catalog.models import check_category
from eas_deploy.errors import ConfigError, ResourceNotFoundError
from eas_deploy.findings import Finding
from eas_deploy.planning.journal import Journal
from eas_deploy.planning.needs import Needs

T = TypeVar("T")


@dataclass
class Problems:
    """Everything that stops the deployment, collected so that it is told at once."""

    found: list[ConfigError | ResourceNotFoundError] = field(default_factory=list)

    def attempt(self, look: Callable[[], T]) -> T | None:
        """The result of ``look``, or None when it found a reason to stop."""
        try:
            return look()
        except (ConfigError, ResourceNotFoundError) as problem:
            self.found.append(problem)
            return None

    def add(self, findings: Sequence[Finding]) -> None:
        """Take in findings of severity error."""
        if findings:
            self.found.append(ConfigError(findings))

    def stop(self) -> None:
        """Raise what was found, if anything was: a single problem as itself, several as one ConfigError."""
        if len(self.found) == 1:
            raise self.found[0]
        if self.found:
            raise ConfigError([finding for problem in self.found for finding in problem.findings])


@dataclass(frozen=True)
class Suited:
    """Images and instance types that fit each other.

    Attributes:
        images: One for each container, in order.
        machines: What each instance type of the request becomes: itself, or the GPU type it is
            switched to. Empty outside the public resource group.
        chosen: The instance type where the request names none and leaves the choice; else None.
        gpu: GPUs to request in a dedicated resource group where the request names none; else None.
    """

    images: tuple[ResolvedImage, ...]
    machines: dict[str, str]
    chosen: str | None
    gpu: int | None


def suit(
    needs: Needs, images: Sequence[ImageInfo], specs: Sequence[MachineSpec], region_id: str, journal: Journal
) -> Suited:
    """The images and machines for ``needs``, with what was decided on the way in ``journal``.

    Raises:
        ResourceNotFoundError: An image or instance type does not exist, or is out of stock.
        ConfigError: An image is ambiguous, of another region or for another chip; or several problems.
    """
    problems = Problems()
    resolved = _resolve_all(needs, images, region_id, problems, journal)
    machines = _machines(needs, resolved, specs, problems, journal)
    chosen = _choose_machine(needs, resolved, specs, problems, journal)
    problems.stop()
    for image in resolved[:1]:
        journal.findings += check_category(needs.model, image.framework, path=needs.model_at)
    gpu = None
    group = needs.resource_group
    if group is not None and not group.gpu and not group.shares_gpu and _gpu_only(resolved):
        gpu = 1
        journal.decide("gpu", "1", f"{_gpu_only(resolved)} never runs on a CPU and the request names no GPU")
    return Suited(tuple(resolved), machines, chosen, gpu)


def _resolve_all(
    needs: Needs, images: Sequence[ImageInfo], region_id: str, problems: Problems, journal: Journal
) -> list[ResolvedImage]:
    resolved = []
    for index, reference in enumerate(needs.images):
        path = f"containers[{index}].image"
        image = problems.attempt(partial(resolve_image, reference, images, region_id, path=path))
        if image is None:
            continue
        journal.findings += image.findings
        if image.uri != reference:
            journal.decide("image", image.uri, "the catalogue's URI for it", instead_of=reference)
        resolved.append(replace(image, assumed=needs.framework) if index == 0 else image)
    return resolved


def _machines(
    needs: Needs,
    images: Sequence[ResolvedImage],
    specs: Sequence[MachineSpec],
    problems: Problems,
    journal: Journal,
) -> dict[str, str]:
    """What each instance type of the request becomes, checked against stock and chips."""
    listed = {spec.instance_type: spec for spec in specs}
    chosen: dict[str, MachineSpec] = {}
    sold_out: list[ResourceNotFoundError] = []
    for instance_type, path in needs.instance_types.items():
        if _must_switch(instance_type, listed, images):
            machine = problems.attempt(partial(pick_gpu, specs, path=path))
            if machine is not None:
                _decide_switch(instance_type, machine, images, journal)
        else:
            machine = _find(instance_type, specs, path, problems, sold_out)
        if machine is not None:
            chosen[instance_type] = machine
            problems.add(_chip_errors(images, machine, path, journal))
    _judge_stock(needs, sold_out, chosen, problems, journal)
    return {wanted: str(machine.instance_type) for wanted, machine in chosen.items()} | {
        wanted: wanted for wanted in needs.instance_types if wanted not in chosen
    }


def _choose_machine(
    needs: Needs,
    images: Sequence[ResolvedImage],
    specs: Sequence[MachineSpec],
    problems: Problems,
    journal: Journal,
) -> str | None:
    """A GPU type for a request that leaves the machine open, if its framework needs a GPU."""
    if not needs.may_choose_machine or needs.instance_types or needs.resource_group or not _gpu_only(images):
        return None
    machine = problems.attempt(partial(pick_gpu, specs))
    if machine is None:
        return None
    _decide_switch(None, machine, images, journal)
    problems.add(_chip_errors(images, machine, "cloud.computing.instance_type", journal))
    return machine.instance_type


def _find(
    instance_type: str,
    specs: Sequence[MachineSpec],
    path: str,
    problems: Problems,
    sold_out: list[ResourceNotFoundError],
) -> MachineSpec | None:
    try:
        return find_machine(instance_type, specs, path=path)
    except ResourceNotFoundError as problem:
        out_of_stock = all(finding.rule == "instance.no_stock" for finding in problem.findings)
        (sold_out if out_of_stock else problems.found).append(problem)
        return None


def _judge_stock(
    needs: Needs,
    sold_out: list[ResourceNotFoundError],
    chosen: dict[str, MachineSpec],
    problems: Problems,
    journal: Journal,
) -> None:
    """Stop for a type that is out of stock, unless other machines can be had.

    Those are another type of the list, or in an elastic pool the resource group's own.
    """
    if not chosen and needs.resource_group is None:
        problems.found += sold_out
        return
    for problem in sold_out:
        journal.findings += [
            Finding(one.rule, "warning", one.path, one.message, "EAS tries the other machines of the list")
            for one in problem.findings
        ]


def _gpu_only(images: Sequence[ResolvedImage]) -> str | None:
    """The title of the framework among ``images`` that never runs on a CPU, if there is one."""
    return next((image.framework.title for image in images if image.framework.needs_gpu), None)


def _must_switch(
    instance_type: str, listed: dict[str | None, MachineSpec], images: Sequence[ResolvedImage]
) -> bool:
    spec = listed.get(instance_type)
    chip = chip_of(spec) if spec is not None else chip_by_name(instance_type)
    # An image for another accelerator is no reason for an NVIDIA GPU: the chip check tells what is.
    return chip == "CPU" and any(
        image.framework.needs_gpu and image.chip in {None, "GPU", "CPU"} for image in images
    )


def _decide_switch(
    instance_type: str | None, machine: MachineSpec, images: Sequence[ResolvedImage], journal: Journal
) -> None:
    journal.decide(
        "instance type",
        str(machine.instance_type),
        f"{_gpu_only(images)} never runs on a CPU; this has {machine.gpu_amount} x {machine.gpu} "
        f"of {machine.gpu_memory:g} GB",
        instead_of=instance_type,
    )


def _chip_errors(
    images: Sequence[ResolvedImage], machine: MachineSpec, path: str, journal: Journal
) -> list[Finding]:
    """The chip errors; what is only a warning goes into the journal."""
    found = [
        finding for image in images for finding in check_chip(image.chip, image.framework, machine, path=path)
    ]
    journal.findings += [finding for finding in found if finding.severity != "error"]
    return [finding for finding in found if finding.severity == "error"]
