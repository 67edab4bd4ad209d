"""Server-sent events, taken out of the bytes of an answer as they arrive. Pure: no socket in here.

Source: the WHATWG HTML standard, section "Server-sent events"; only ``data`` is of interest.
"""

from __future__ import annotations

from collections.abc import Iterator


class EventDecoder:
    """Collects bytes and gives the data of every event that is complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> Iterator[str]:
        """The data of the events that ``chunk`` completes."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            yield from self._take(line.removesuffix(b"\r").decode("utf-8", "replace"))

    def _take(self, line: str) -> Iterator[str]:
        if line:
            field, _, value = line.partition(":")
            if field == "data":
                self._data.append(value.removeprefix(" "))
        elif self._data:
            data, self._data = "\n".join(self._data), []
            yield data
