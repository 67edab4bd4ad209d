"""What a rule is, and the decorator that puts a function into the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from operator import attrgetter
from typing import Literal, TypeAlias, get_args

from eas_deploy.findings import Finding, Severity
from eas_deploy.rules.document import Document


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """One rule of the catalogue.

    Attributes:
        id: Stable id, such as ``"nlb.network"``.
        severity: What its findings are as a rule; ``summary`` says when they are something else.
        summary: What it refuses or says, in one line.
        planner: Whether it needs facts from the cloud, so that only the planner can apply it.
    """

    id: str
    severity: Severity
    summary: str
    planner: bool = False


class Report:
    """Collects findings; a rule calls it with its id, where, what and what to do."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[Finding] = []

    def __call__(
        self, rule: str, path: str, message: str, hint: str = "", *, severity: Severity | None = None
    ) -> None:
        """Adds a finding, with the rule's own severity unless another is given."""
        self.found.append(Finding(rule, severity or INFOS[rule].severity, path, message, hint))


Rule: TypeAlias = Callable[[Document, Report], None]
Section: TypeAlias = Literal[
    "alias",
    "containers",
    "has_autoscaler",
    "has_computing",
    "models",
    "mounts",
    "networking",
    "nlb",
    "oss_words",
    "probes",
    "quota",
    "resource",
    "vpc",
]
"""An attribute of Document; a rule that needs one is not asked about documents without it."""

INFOS: dict[str, RuleInfo] = {}
"""Every rule by id."""
_SECTIONS: tuple[str, ...] = get_args(Section)
_sections_of = attrgetter(*_SECTIONS)
_RULES: list[tuple[Section | None, bool, Rule]] = []
"""The functions that judge documents: the section that each needs, whether it compares parts, and itself."""


def rule(*infos: RuleInfo, needs: Section | None = None, whole: bool = False) -> Callable[[Rule], Rule]:
    """Registers a function as the one that applies these rules.

    Args:
        infos: The rules it reports.
        needs: The section without which it has nothing to say; None for a rule about the document itself.
        whole: Whether it compares parts, so that it says nothing about a single one.
    """

    def register(function: Rule) -> Rule:
        declare(*infos)
        _RULES.append((needs, whole, function))
        return function

    return register


def declare(*infos: RuleInfo) -> None:
    """Puts rules into the catalogue that no function here applies."""
    for info in infos:
        INFOS[info.id] = info


def apply_rules(document: Document, *, is_part: bool = False) -> list[Finding]:
    """What the rules say about a document.

    Args:
        document: The document.
        is_part: Whether it holds a single part, so that rules that compare parts stay silent.
    """
    report = Report()
    for function in _needed(tuple([not section for section in _sections_of(document)]), is_part):
        function(document, report)
    return report.found


@lru_cache(maxsize=1024)
def _needed(is_absent: tuple[bool, ...], is_part: bool) -> tuple[Rule, ...]:
    """The functions that have something to say about documents without the absent ones of the sections.

    Documents come in few shapes; choosing anew each time would take longer than the rules themselves.
    """
    absent = set(compress(_SECTIONS, is_absent))
    return tuple(
        function for needs, whole, function in _RULES if needs not in absent and not (is_part and whole)
    )
