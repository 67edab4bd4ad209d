"""How progress is shown: not at all, by a callback, or as a bar of tqdm in terminals and notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, TypeAlias

from eas_deploy.clients.arguments import refuse
from eas_deploy.lifecycle.waiting import Progress, Report

ShowProgress: TypeAlias = bool | Report | None
"""True for a bar (extra ``progress``), a callback that is given a `Progress` at every look, or None."""


@contextmanager
def shown(progress: ShowProgress) -> Iterator[Report | None]:
    """Whom to tell of the progress; a bar is closed in the end.

    Raises:
        ConfigError: A bar is wanted and tqdm is not installed.
    """
    if progress is None or progress is False:
        yield None
    elif progress is True:
        bar = _Bar()
        try:
            yield bar
        finally:
            bar.close()
    else:
        yield progress


def new_bar(**options: Any) -> Any:
    """A bar of tqdm, made with tqdm's own options.

    Raises:
        ConfigError: tqdm is not installed.
    """
    try:
        # tqdm.auto chooses between terminal and notebook; it warns in a notebook without ipywidgets.
        tqdm = import_module("tqdm.auto").tqdm
    except ImportError:
        raise refuse(
            "progress",
            "a bar needs tqdm, which is not installed",
            'pip install "eas-deploy[progress]", or pass a callback',
        ) from None
    return tqdm(**options)


class _Bar:
    """A bar of ready replicas, with the status beside it."""

    def __init__(self) -> None:
        self._bar = new_bar(
            total=1, unit="replica", bar_format="{desc} |{bar}| {n_fmt}/{total_fmt} [{elapsed}]"
        )

    def __call__(self, progress: Progress) -> None:
        self._bar.total = max(1, progress.wanted)
        self._bar.n = min(progress.ready, self._bar.total)
        self._bar.set_description_str(f"{progress.name}: {progress.status or 'looking'}", refresh=False)
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()
