"""What the blocking and the asynchronous sender have in common: arguments, keys, terms. No I/O.

Nothing heavy is imported before the first call is made.
"""

from __future__ import annotations

import logging
import random
import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Generic, NamedTuple, NoReturn, TypeVar

from pydantic import SecretStr
from typing_extensions import Self

from eas_deploy._defaults import CALL_TIMEOUT_S, CONNECT_TIMEOUT_S, MAX_RETRIES, READ_TIMEOUT_S
from eas_deploy.calls.base import Call, Product
from eas_deploy.clients.arguments import positive, refuse
from eas_deploy.clients.clock import Clock, SystemClock
from eas_deploy.clients.credentials import Keyring, Keys, key_source, secret
from eas_deploy.clients.endpoints import Endpoint, check_region, checked_url, endpoint_for, is_known
from eas_deploy.clients.exchange import Terms
from eas_deploy.clients.http import package_of
from eas_deploy.clients.pacing import AdaptiveLimiter, Limiter
from eas_deploy.clients.product_token import user_agent as make_user_agent
from eas_deploy.clients.retry import RetryBudget
from eas_deploy.clients.vendor_logging import quiet_import
from eas_deploy.clients.wire import AsyncHttpClient, HttpClient, SignedRequest, WireRequest
from eas_deploy.errors import ConnectError, DeadlineExceededError

ClientT = TypeVar("ClientT", HttpClient, AsyncHttpClient)


class Sender(Generic[ClientT]):
    """Base of the two senders: one region, one set of keys, one user agent, one retry budget.

    Attributes:
        region_id: The region that calls go to.
        user_agent: The user agent of all requests, with one trace id.
        has_explicit_keys: Whether keys were passed as arguments, so that no other process could find them.
    """

    _client_kind: ClassVar[str]

    def __init__(  # noqa: PLR0913 - the arguments of a Deployer, typed out once
        self,
        region_id: str,
        *,
        access_key_id: str | None = None,
        access_key_secret: str | SecretStr | None = None,
        security_token: str | SecretStr | None = None,
        credential: Any = None,
        endpoint_url: str | None = None,
        http_client: Any = None,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
        call_timeout_s: float = CALL_TIMEOUT_S,
        max_retries: int = MAX_RETRIES,
        user_agent: str | None = None,
        limiter: Limiter | None = None,
        clock: Clock | None = None,
    ) -> None:
        key_secret, token = secret(access_key_secret), secret(security_token)
        del access_key_secret, security_token  # a traceback may show what a frame still holds
        self.region_id = region_id
        check_region(region_id)
        if max_retries < 0:
            raise refuse("max_retries", f"{max_retries} is not a number of retries", "give 0 or more")
        self.user_agent = make_user_agent(user_agent)
        self.clock: Clock = clock or SystemClock()
        self.has_explicit_keys = bool(access_key_id)
        self._endpoint = None if endpoint_url is None else checked_url(endpoint_url)
        source = key_source(access_key_id, key_secret, token, credential)
        self._keyring = Keyring(source, self.clock)
        if http_client is not None:
            package_of(http_client, self._client_kind)
        self._client: ClientT | None = http_client
        self._client_is_given = http_client is not None
        self._closed = False
        self._lock = threading.Lock()
        self._terms = Terms(
            write=self._write,
            host_of=lambda call: self.endpoint(call.product).host,
            keys_from=source.name,
            doubt=self._doubt(),
            clock=self.clock,
            budget=RetryBudget(),
            # Jitter, not secrecy.
            dice=random.random,
            connect_timeout_s=positive("connect_timeout_s", connect_timeout_s),
            read_timeout_s=positive("read_timeout_s", read_timeout_s),
            call_timeout_s=positive("call_timeout_s", call_timeout_s),
            max_retries=max_retries,
            limiter=limiter or AdaptiveLimiter(),
        )
        _silence_by_default()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.region_id!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"A {type(self).__name__} holds keys and connections and cannot be pickled; make one in the "
            "other process, with keys from its own environment."
        )

    def endpoint(self, product: Product) -> Endpoint:
        """Where calls of ``product`` go."""
        return self._endpoint or endpoint_for(product, self.region_id)

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, or the client that was given to it."""
        with self._lock:
            return self._closed or (self._client is not None and self._client.is_closed)

    def reopened(self) -> Self:
        """A sender like this one, with connections of its own."""
        other = object.__new__(type(self))
        other.__dict__.update(
            self.__dict__,
            _lock=threading.Lock(),
            _closed=False,
            _client=self._client if self._client_is_given else None,
        )
        return other

    def _new_client(self) -> ClientT:
        raise NotImplementedError

    def _open(self) -> ClientT:
        """The HTTP client, made now if there is none yet.

        Raises:
            ConnectError: The sender was closed, or the client that was given to it.
        """
        with self._lock:
            if self._closed or (self._client is not None and self._client.is_closed):
                raise ConnectError(
                    "The connections of this client are closed; nothing was sent. Make a new one."
                )
            if self._client is None:
                self._client = self._new_client()
            return self._client

    def _shut(self) -> ClientT | None:
        """The HTTP client that is to be closed: none if none was made, or if it was given."""
        with self._lock:
            self._closed = True
            return None if self._client_is_given else self._client

    def _doubt(self) -> str:
        if self._endpoint is not None:
            return "Check endpoint_url."
        if is_known(self.region_id):
            return ""
        return f"{self.region_id} is not among the known EAS regions: check its spelling."

    def _write(self, call: Call[Any], keys: Keys, date: datetime) -> SignedRequest:
        official = official_packages()
        wire = official.prepare(call, self.region_id)
        endpoint = self.endpoint(call.product)
        return official.sign(wire, endpoint, self.user_agent, keys, date=date, nonce=uuid.uuid4().hex)

    def _time_for(self, seconds: float, deadline: float | None) -> None:
        if deadline is not None and self.clock.monotonic() + seconds > deadline:
            raise DeadlineExceededError(
                f"The time allowed is over before a pause of {seconds:g} s would be. "
                "Allow more time (deploy_timeout_s) or try again."
            )


class OfficialPackages(NamedTuple):
    """What is used of the official packages."""

    prepare: Callable[[Call[Any], str], WireRequest]
    sign: Callable[..., SignedRequest]


@cache
def official_packages() -> OfficialPackages:
    """The official packages, imported when first asked for (0.4 s), without lasting effect on logging."""
    with quiet_import():
        from eas_deploy.clients import official, signing  # noqa: PLC0415 - that late, and not before
    return OfficialPackages(official.prepare, signing.sign)


def official_packages_loaded() -> bool:
    """Whether `official_packages` was asked for before and will answer at once."""
    return official_packages.cache_info().currsize > 0


def _silence_by_default() -> None:
    """Give the package's logger a handler that does nothing, unless it has one."""
    logger = logging.getLogger("eas_deploy")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
