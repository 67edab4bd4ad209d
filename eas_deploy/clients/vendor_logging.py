"""Keeps the official packages from printing: their import puts handlers on loggers, which is the user's to do.

``alibabacloud-tea`` and ``darabonba-core`` get a handler at DEBUG each, ``credentials`` three at INFO.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ONE_AT_A_TIME = threading.RLock()

VENDOR_LOGGERS = ("alibabacloud-tea", "darabonba-core", "credentials")


@contextmanager
def quiet_import() -> Iterator[None]:
    """While it is open, official packages can be imported without lasting effect on logging.

    Handlers and levels that were there before stay as they were.
    """
    loggers = [logging.getLogger(name) for name in VENDOR_LOGGERS]
    with _ONE_AT_A_TIME:  # a second thread would take the new handlers for old ones
        before = [(list(logger.handlers), logger.level) for logger in loggers]
        try:
            yield
        finally:
            for logger, (handlers, level) in zip(loggers, before, strict=True):
                # A NullHandler keeps warnings off standard error, logging's last resort.
                logger.handlers[:] = handlers or [logging.NullHandler()]
                logger.setLevel(level)
