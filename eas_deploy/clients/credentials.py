"""The keys to sign with: given, from the caller's provider, or from the official default chain.

Keys are wrapped at once and never shown. A look-up may be I/O of its own (an ECS metadata server, a STS
call), so it runs in a thread, waited for under the call's deadline; calls made meanwhile share it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import SecretStr

from eas_deploy._defaults import CREDENTIALS_FRESH_S
from eas_deploy.clients.arguments import refuse
from eas_deploy.clients.clock import Clock
from eas_deploy.clients.vendor_logging import quiet_import
from eas_deploy.errors import CredentialsError

_WHAT_TO_DO = (
    "Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, run `aliyun configure`, "
    "or pass access_key_id and access_key_secret, or credential."
)


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """An access key, with the token that belongs to it when it is a temporary one (STS)."""

    access_key_id: str
    access_key_secret: SecretStr
    security_token: SecretStr | None = None

    @property
    def masked_id(self) -> str:
        """Enough of the access key id to tell which one it is."""
        return f"{self.access_key_id[:4]}****{self.access_key_id[-2:]}"

    def __repr__(self) -> str:
        return f"Keys({self.masked_id!r})"

    def scrub(self, text: str) -> str:
        """``text`` without these keys: an error text of the service may quote the request it refused."""
        secrets = [self.access_key_secret.get_secret_value()]
        if self.security_token is not None:
            secrets.append(self.security_token.get_secret_value())
        for each in filter(None, secrets):
            text = text.replace(each, "****")
        return text.replace(self.access_key_id, self.masked_id)


class KeySource(Protocol):
    """Where keys come from.

    Attributes:
        name: Which source it is, for messages.
        instant: Whether asking is no I/O.
    """

    name: str
    instant: bool

    def fetch(self, stale: Keys | None) -> Keys:
        """Keys; others than ``stale``, which the service refused, if there can be any."""
        ...


class GivenKeys:
    """Keys that the caller passed."""

    name = "the keys passed to the client"
    instant = True

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def fetch(self, stale: Keys | None) -> Keys:  # noqa: ARG002 - there are no others
        """The keys."""
        return self._keys


class GivenProvider:
    """An object with ``get_credential()`` that the caller passed; it renews its keys itself."""

    name = "the credential passed to the client"
    instant = False

    def __init__(self, credential: Any) -> None:
        self._credential = credential

    def fetch(self, stale: Keys | None) -> Keys:  # noqa: ARG002 - asking again is all that can be done
        """The keys that the provider has now."""
        return _keys(self._credential.get_credential(), self.name)


class DefaultChain:
    """The official default chain: environment, OIDC, profiles of CLI and SDK, ECS RAM role."""

    name = "the default chain (environment, OIDC, CLI and SDK profiles, ECS RAM role)"
    instant = False

    def __init__(self) -> None:
        self._client: Any = None

    def fetch(self, stale: Keys | None) -> Keys:
        """The first keys that the chain finds."""
        # The chain's first source, asked here: the official package reads the environment only once, when
        # it is imported, and would not see keys that were set later.
        from_environment = _environment_keys()
        if from_environment is not None:
            return from_environment
        if self._client is None:
            self._client = _official_chain()
        keys = _keys(self._client.get_credential(), self.name)
        if keys == stale:
            # The chain keeps what it found and has no way to be asked for a fresh look.
            self._client = _official_chain()
            keys = _keys(self._client.get_credential(), self.name)
        return keys


def key_source(
    access_key_id: str | None, access_key_secret: SecretStr, security_token: SecretStr, credential: Any
) -> KeySource:
    """Where keys come from: those given, else the given provider, else the default chain.

    Raises:
        ConfigError: Only a part of the keys was given.
    """
    if access_key_id and access_key_secret:
        return GivenKeys(_wrapped(access_key_id, access_key_secret, security_token, GivenKeys.name))
    if access_key_id or access_key_secret or security_token:
        missing = "access_key_secret" if access_key_id else "access_key_id"
        raise refuse(missing, "keys were given without it", "pass id and secret, or none of them")
    return DefaultChain() if credential is None else GivenProvider(credential)


class Keyring:
    """The keys in use, looked up when they are first needed and renewed when they are refused.

    Safe to use from several threads at once; at most one look-up runs at a time.
    """

    def __init__(self, source: KeySource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Keys | None = None
        self._asked_at = 0.0
        self._running: Future[Keys] | None = None

    def obtain(self, stale: Keys | None, within_s: float) -> Keys:
        """Keys, waiting for a look-up if need be.

        Args:
            stale: Keys that were refused as expired; never returned if there are others.
            within_s: Seconds that a look-up may take.

        Raises:
            CredentialsError: There are none, or not in time.
        """
        future = self._look_up(stale)
        try:
            return future.result(within_s)
        except FutureTimeoutError as error:
            raise self._too_slow(within_s) from error

    async def obtain_async(self, stale: Keys | None, within_s: float) -> Keys:
        """Keys, as `obtain` gives them, leaving the event loop to others meanwhile."""
        future = self._look_up(stale)
        if future.done():
            return future.result()
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), within_s)
        except asyncio.TimeoutError as error:
            raise self._too_slow(within_s) from error

    def _look_up(self, stale: Keys | None) -> Future[Keys]:
        with self._lock:
            held = self._held(stale)
            if held is not None:
                done: Future[Keys] = Future()
                done.set_result(held)
                return done
            if self._running is None:
                self._running = Future()
                # Marked as running at once: a waiter that gives up cannot cancel it for the others.
                self._running.set_running_or_notify_cancel()
                work = threading.Thread(
                    target=self._work, args=(self._running, stale), name="eas-deploy-keys", daemon=True
                )
                work.start()
            return self._running

    def _held(self, stale: Keys | None) -> Keys | None:
        if self._source.instant:
            return self._source.fetch(stale)
        fresh = self._clock.monotonic() - self._asked_at < CREDENTIALS_FRESH_S
        return self._keys if fresh and self._keys != stale else None

    def _work(self, future: Future[Keys], stale: Keys | None) -> None:
        keys: Keys | None = None
        failure: BaseException | None = None
        try:
            keys = self._source.fetch(stale)
        except CredentialsError as error:
            failure = error
        except BaseException as error:  # noqa: BLE001 - whatever a provider raises, its waiters must hear of it
            failure = self._unusable(error)
        with self._lock:
            self._keys, self._asked_at, self._running = keys, self._clock.monotonic(), None
        if keys is not None:
            future.set_result(keys)
        else:
            future.set_exception(failure)

    def _unusable(self, cause: BaseException) -> CredentialsError:
        error = CredentialsError(
            f"No credentials: {self._source.name} gave none ({type(cause).__name__}). {_WHAT_TO_DO}"
        )
        error.__cause__ = cause
        return error

    def _too_slow(self, within_s: float) -> CredentialsError:
        return CredentialsError(
            f"No credentials: {self._source.name} did not answer within {within_s:.1f} s. {_WHAT_TO_DO}"
        )


def secret(text: str | SecretStr | None) -> SecretStr:
    """``text``, wrapped; empty if there is none. What is wrapped already stays as it is."""
    return text if isinstance(text, SecretStr) else SecretStr((text or "").strip())


def _environment_keys() -> Keys | None:
    key_id = os.environ.get("ALIBABA_CLOUD_ACCESS_KEY_ID")
    key_secret = secret(os.environ.get("ALIBABA_CLOUD_ACCESS_KEY_SECRET"))
    if not key_id or not key_secret:
        return None
    return _wrapped(
        key_id, key_secret, secret(os.environ.get("ALIBABA_CLOUD_SECURITY_TOKEN")), "the environment"
    )


def _official_chain() -> Any:
    with quiet_import():
        from alibabacloud_credentials.client import Client  # noqa: PLC0415 - loaded when first needed
    return Client()


def _keys(credential: Any, source: str) -> Keys:
    """The keys in what a provider gave."""
    key_id = getattr(credential, "access_key_id", None)
    key_secret = secret(getattr(credential, "access_key_secret", None))
    token = secret(getattr(credential, "security_token", None))
    kind = getattr(credential, "type", None) or "unknown"
    del credential  # its repr shows everything, and tracebacks may show reprs
    if not key_id or not key_secret:
        raise CredentialsError(
            f"The credentials of {source} hold no access key (type: {kind}); requests are signed with one, "
            f"so bearer tokens cannot be used. {_WHAT_TO_DO}"
        )
    return _wrapped(key_id, key_secret, token, source)


def _wrapped(key_id: str, key_secret: SecretStr, token: SecretStr, source: str) -> Keys:
    """The keys, checked.

    Raises:
        CredentialsError: One holds a character that no key has, such as a line break.
    """
    key_id = key_id.strip()
    for one in (SecretStr(key_id), key_secret, token):
        # Such a header cannot be sent, and the HTTP package would quote it in its error.
        if not all("!" <= character <= "~" for character in one.get_secret_value()):
            raise CredentialsError(f"A key of {source} holds characters that no key has: copy it again.")
    return Keys(key_id, key_secret, token or None)
