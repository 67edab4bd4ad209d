"""Image references: ``registry-host/namespace/name:tag``. A leaf; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_REFERENCE = re.compile(
    r"(?:(?P<registry>localhost(?::\d+)?|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?|[A-Za-z0-9-]+:\d+)/)?"
    r"(?P<repository>[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?"
    r"(?:@(?P<digest>[a-z0-9]+:[0-9a-f]{32,}))?",
    re.ASCII,
)
"""The grammar of the distribution project, which registries follow."""

_ACR_HOST = re.compile(
    r"(?P<instance>[a-z0-9-]+?)-registry(?:-vpc)?\.(?P<region>[a-z0-9-]+)\.cr\.aliyuncs\.com", re.ASCII
)
_ACR_PERSONAL_HOST = re.compile(
    r"(?:registry(?:-vpc|-internal)?\.(?P<region>[a-z0-9-]+)|[a-z0-9-]+\.(?P<own>[a-z0-9-]+)\.personal\.cr)"
    r"(?:\.aliyuncs)?\.(?:com|aliyuncs\.com)",
    re.ASCII,
)

LLM_FRAMEWORKS = frozenset({"vllm", "sglang"})
"""Names of the images that serve language models and never run on CPU."""
MODEL_FRAMEWORKS = LLM_FRAMEWORKS | {"comfyui", "stable-diffusion-webui"}
"""Names of the images that need a model mounted."""


@dataclass(frozen=True, slots=True)
class ImageRef:
    """The parts of an image reference.

    Attributes:
        registry: Registry host, with its port; None for a bare name such as ``vllm:0.14.0-gpu``.
        region: Region of an Alibaba Cloud registry; None for others.
        repository: Everything between host and tag: ``pai-eas/vllm``.
        tag: The tag; None if there is none.
        is_official: Whether it is from PAI-EAS's own registry, which exists in every region.
        is_well_formed: Whether the reference follows the grammar of image references.
    """

    registry: str | None
    region: str | None
    repository: str
    tag: str | None
    is_official: bool = False
    is_well_formed: bool = True

    @property
    def name(self) -> str:
        """The last part of the repository; PAI's framework images are called after it: ``vllm``."""
        return self.repository.rpartition("/")[2]

    @classmethod
    def parse(cls, reference: str) -> ImageRef:
        """The parts of a reference. Never raises; ``is_well_formed`` says whether it is one."""
        return parse_image(reference)


@lru_cache(maxsize=1024)
def parse_image(reference: str) -> ImageRef:
    """The parts of a reference, remembered: the same few images come again and again."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return ImageRef(None, None, reference, None, is_well_formed=False)
    registry, repository, tag = match["registry"], match["repository"], match["tag"]
    enterprise = _ACR_HOST.fullmatch(registry or "")
    if enterprise is not None:
        is_official = enterprise["instance"] == "eas" and repository.startswith("pai-eas/")
        return ImageRef(registry, enterprise["region"], repository, tag, is_official)
    personal = _ACR_PERSONAL_HOST.fullmatch(registry or "")
    region = (personal["region"] or personal["own"]) if personal is not None else None
    return ImageRef(registry, region, repository, tag)
