"""From what the caller calls an image to the URI that a container pulls."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Literal, NoReturn

from eas_deploy.catalog.entries import ImageEntry
from eas_deploy.catalog.frameworks import OTHER, Framework, framework_of
from eas_deploy.errors import ConfigError, ResourceNotFoundError
from eas_deploy.findings import Finding
from eas_deploy.rules.image_ref import ImageRef

ReferenceKind = Literal["uri", "id", "name"]

_ID = re.compile(r"image-[A-Za-z0-9]+")
_SHOWN = 5


@dataclass(frozen=True)
class ResolvedImage:
    """An image that a container can pull, with what the catalogue says of it.

    Attributes:
        uri: The full URI.
        info: Its entry in the catalogue; None for a custom image.
        findings: Notices for the plan.
        assumed: The framework of an image that tells of none.
    """

    uri: str
    info: ImageEntry | None = None
    findings: tuple[Finding, ...] = ()
    assumed: Framework = OTHER

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of the catalogue, key to value; empty for a custom image."""
        return self.info.label_map if self.info else MappingProxyType({})

    @property
    def framework(self) -> Framework:
        """The serving framework, by name and labels, else the one that is assumed."""
        told = framework_of(self.uri, self.labels)
        return self.assumed if told is OTHER else told

    @property
    def chip(self) -> str | None:
        """The chip it is built for, ``"GPU"``; None when the catalogue does not say."""
        return self.labels.get("system.chipType")

    @property
    def default_port(self) -> int | None:
        """The port it listens on by default; None when the catalogue does not say."""
        port = self.labels.get("system.eas.default.port", "")
        return int(port) if port.isascii() and port.isdigit() else None

    @property
    def default_script(self) -> str | None:
        """The command it is started with by default; None when the catalogue does not say."""
        return self.labels.get("system.eas.default.script") or None


def reference_kind(reference: str) -> ReferenceKind:
    """Whether an image is given by its URI (holds ``/``), its id (``image-...``) or its name."""
    if "/" in reference:
        return "uri"
    return "id" if _ID.fullmatch(reference) else "name"


def is_answered(reference: str) -> Callable[[ImageEntry], bool]:
    """A test for the one entry after which no more pages of the catalogue need reading."""
    kind = reference_kind(reference)

    def fits(image: ImageEntry) -> bool:
        if kind == "uri":
            return image.image_uri is not None and _from_any_host(image.image_uri) == _from_any_host(
                reference
            )
        return reference == (image.image_id if kind == "id" else image.name)

    return fits


def resolve_image(
    reference: str,
    images: Sequence[ImageEntry],
    region_id: str,
    *,
    path: str = "containers[0].image",
) -> ResolvedImage:
    """The image that ``reference`` means in this region.

    A URI stands for itself, in the catalogue or not. A name is an exact match, else the only entry
    that begins with it.

    Args:
        reference: A URI, an id (``image-...``) or a catalogue name (``vllm:0.14.0-gpu``).
        images: What ListImages lists; up to the entry of `is_answered` is enough.
        region_id: The region of the deployment.
        path: Where the config names the image.

    Raises:
        ResourceNotFoundError: No image has that name or id (rule ``image.unknown``).
        ConfigError: Several images begin with that name (``image.ambiguous``), or the official registry
            of another region is named, from which nothing can be pulled (``image.region``).
    """
    kind = reference_kind(reference)
    if kind == "uri":
        _refuse_other_region(reference, images, region_id, path)
    pullable = [image for image in images if image.image_uri]
    exact = next(filter(is_answered(reference), pullable), None)
    if kind == "uri":
        return ResolvedImage(reference, exact, () if exact else (_custom_image(reference, pullable, path),))
    if exact is None and kind == "name":
        exact = _only_match(reference, pullable, path)
    if exact is None or exact.image_uri is None:
        _unknown(reference, kind, pullable, path)
    return ResolvedImage(exact.image_uri, exact)


def _only_match(prefix: str, images: Sequence[ImageEntry], path: str) -> ImageEntry | None:
    # By URI, since a catalogue may list one image twice.
    matches = {image.image_uri: image for image in images if (image.name or "").startswith(prefix)}
    if len(matches) > 1:
        names = [image.name or "" for image in matches.values()]
        raise ConfigError(
            [
                Finding(
                    rule="image.ambiguous",
                    severity="error",
                    path=path,
                    message=f"{len(names)} images begin with {prefix}: {', '.join(names)}",
                    hint="give the whole name of one of them",
                )
            ]
        )
    return next(iter(matches.values()), None)


def _unknown(reference: str, kind: ReferenceKind, images: Sequence[ImageEntry], path: str) -> NoReturn:
    message = f"no official image of this region has the {kind} {reference}"
    hint = "give the full URI of a custom image, or the name of an official one"
    close = _close_names(reference, images) if kind == "name" else []
    if close:
        hint += f"; the closest: {', '.join(close)}"
    raise ResourceNotFoundError(
        f"{message[0].upper()}{message[1:]}; {hint}.",
        kind="image",
        looked_at=[f"the {len(images)} images that ListImages lists"],
        findings=[Finding(rule="image.unknown", severity="error", path=path, message=message, hint=hint)],
    )


def _custom_image(uri: str, images: Sequence[ImageEntry], path: str) -> Finding:
    """The notice for a URI that the catalogue does not list; a mistyped official one gets its neighbours."""
    hint = "EAS must be able to pull it: check the registry, the tag and, for a private one, dockerAuth"
    close = _close_names(uri.rsplit("/", 1)[1], images) if ImageRef.parse(uri).is_official else []
    if close:
        hint += f"; official images with a similar name: {', '.join(close)}"
    return Finding(
        rule="image.unknown",
        severity="notice",
        path=path,
        message=f"{uri} is not among the official images of this region and is used as a custom image",
        hint=hint,
    )


def _refuse_other_region(uri: str, images: Sequence[ImageEntry], region_id: str, path: str) -> None:
    ref = ImageRef.parse(uri)
    if not ref.is_official or ref.region == region_id:
        return
    here = uri.replace(f".{ref.region}.", f".{region_id}.", 1)
    listed = any(map(is_answered(here), images))
    raise ConfigError(
        [
            Finding(
                rule="image.region",
                severity="error",
                path=path,
                message=f"{uri} is in the registry of {ref.region} and cannot be pulled in {region_id}",
                hint=f"use {here}" if listed else f"use {here}, if it exists: ListImages does not list it",
            )
        ]
    )


def _from_any_host(uri: str) -> str:
    """The URI with the two hosts of an official registry, one for VPCs and one public, made one."""
    return uri.replace("-registry-vpc.", "-registry.", 1) if ImageRef.parse(uri).is_official else uri


def _close_names(name: str, images: Sequence[ImageEntry]) -> list[str]:
    names = dict.fromkeys(image.name for image in images if image.name)
    return get_close_matches(name, names, n=_SHOWN, cutoff=0.4)
