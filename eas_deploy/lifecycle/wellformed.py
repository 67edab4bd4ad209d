"""Whether a request can be written in HTTP at all, so that what cannot is an error of the caller, not of the network.

Pure. Names are shown in the errors and values are not: they may be secret. So the errors are given, not raised: a
traceback may show what a frame holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

# Source: RFC 9110, sections 5.5, 5.6.2 and 9.1. Other letters than ASCII are legal and read by no two alike.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# What the sender says itself: another length or host than the real one breaks the request, or leads it elsewhere.
_OWN = frozenset({"content-length", "transfer-encoding", "host"})


def wrong_method(method: str) -> ValueError | None:
    """What to raise for an HTTP method; None if it is one."""
    if _TOKEN.fullmatch(method):
        return None
    return ValueError(f"method {method!r} is no HTTP method; pass one like 'POST'")


def wrong_path(path: str) -> ValueError | None:
    """What to raise for what follows the address of a service; None if it can be sent."""
    if _CONTROL.search(path):
        return ValueError(f"path {path!r} holds a line break or another control character")
    if "#" in path:
        return ValueError(f"path {path!r} holds a fragment, which is never sent; write # as %23")
    if _leaves(path.partition("?")[0]):
        return ValueError(
            f'path {path!r} holds "..", which leads to another service, and would take this one\'s token there'
        )
    return None


def _leaves(path: str) -> bool:
    """Whether a path leads out of the address it is put after, however it is written."""
    while (decoded := unquote(path)) != path:  # some gateways decode twice
        path = decoded
    return any(part.partition(";")[0] == ".." for part in re.split(r"[/\\]", path))


def wrong_header(headers: Mapping[str, str]) -> TypeError | ValueError | None:
    """What to raise for the headers of a request, naming the first that cannot be sent; None if all can."""
    for name, value in headers.items():
        wrong = _wrong_name(name) or _own_name(name) or _wrong_value(name, value)
        if wrong is not None:
            return wrong
    return None


def _wrong_name(name: Any) -> TypeError | ValueError | None:
    if not isinstance(name, str):
        return TypeError(f"the name of a header must be text, not {type(name).__name__}")
    if _TOKEN.fullmatch(name):
        return None
    # What comes after the legal part may be the value, as in "Name: value".
    legal = _TOKEN.match(name)
    shown = legal[0] if legal else ""
    return ValueError(f"a header has an illegal name, it begins with {shown!r}; names are like 'X-Own'")


def _own_name(name: str) -> ValueError | None:
    if name.lower() not in _OWN:
        return None
    return ValueError(f"the header {name} follows from the request and cannot be given; leave it out")


def _wrong_value(name: str, value: Any) -> TypeError | ValueError | None:
    if not isinstance(value, str):
        return TypeError(f"headers[{name!r}] must be text, not {type(value).__name__}")
    if _VALUE.fullmatch(value):
        return None
    return ValueError(
        f"headers[{name!r}] holds what no header can: only ASCII can be sent, without line breaks and other control "
        "characters, and without spaces at the ends"
    )
