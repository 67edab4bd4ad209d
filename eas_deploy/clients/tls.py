"""Whom to trust: the TLS context of all connections that the package makes for itself.

Reading the certificates of all authorities takes 30 ms and more, and once is enough for a process: a program
that makes a deployer for every task would spend most of its time on it.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from eas_deploy.clients.arguments import refuse

_NAMED_BY = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


def tls_context(package: ModuleType, environ: Mapping[str, str] = os.environ) -> ssl.SSLContext:
    """The context with the authorities that the HTTP package trusts, or that the environment names.

    Contexts are shared, and not to be changed.

    Raises:
        ConfigError: The certificates cannot be read.
    """
    try:
        return _context(package, tuple(_state(environ.get(name)) for name in _NAMED_BY))
    except OSError as error:
        hint = "name a file of PEM certificates, or unset the variable"
        raise refuse("SSL_CERT_FILE", f"the certificates cannot be read ({error})", hint) from error


@lru_cache(maxsize=8)
def _context(package: ModuleType, _state_of_environment: tuple[object, ...]) -> ssl.SSLContext:
    context: ssl.SSLContext = package.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _state(path: str | None) -> tuple[str, int] | None:
    """A path and when it was changed, so that new certificates are read."""
    if path is None:
        return None
    try:
        return path, Path(path).stat().st_mtime_ns
    except OSError:
        return path, 0
