"""Where keys come from, and how they are kept."""

import asyncio
import threading
from types import SimpleNamespace

import pytest
from client_stand_ins import FakeClock
from pydantic import SecretStr

from eas_deploy.clients import credentials
from eas_deploy.clients.credentials import DefaultChain, GivenProvider, Keyring, Keys, key_source, secret
from eas_deploy.errors import ConfigError, CredentialsError

NOTHING = secret(None)


class Provider:
    """A credential provider that gives the next keys each time it is asked, and the last ones for ever."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.asked = 0

    def get_credential(self):
        self.asked += 1
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return SimpleNamespace(access_key_id=outcome, access_key_secret="s", security_token="t", type="sts")


def keyring(provider, clock=None):
    return Keyring(GivenProvider(provider), clock or FakeClock())


@pytest.fixture(params=["blocking", "async"])
def obtain(request):
    """Asking a keyring, both ways."""
    if request.param == "blocking":
        return lambda ring, stale=None, within_s=5.0: ring.obtain(stale, within_s)
    return lambda ring, stale=None, within_s=5.0: asyncio.run(ring.obtain_async(stale, within_s))


def test_given_keys_come_first(obtain):
    source = key_source("id", secret("s"), NOTHING, Provider("other"))
    assert obtain(Keyring(source, FakeClock())) == Keys("id", SecretStr("s"))


def test_a_given_token_goes_with_its_keys(obtain):
    source = key_source("id", secret("s"), secret("t"), None)
    assert obtain(Keyring(source, FakeClock())) == Keys("id", SecretStr("s"), SecretStr("t"))


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (("id", None, None), "access_key_secret"),
        ((None, "s3cret", None), "access_key_id"),
        ((None, None, "s3cret"), "access_key_id"),
        (("id", "", "s3cret"), "access_key_secret"),
    ],
)
def test_half_of_the_keys_is_refused(given, missing):
    """Going on with the default chain would use keys that the caller did not mean."""
    key_id, key_secret, token = given
    with pytest.raises(ConfigError, match=missing) as caught:
        key_source(key_id, secret(key_secret), secret(token), None)
    assert "s3cret" not in str(caught.value)


def test_a_given_provider_is_asked(obtain):
    assert obtain(keyring(Provider("id"))) == Keys("id", SecretStr("s"), SecretStr("t"))


def test_a_provider_is_asked_once_a_minute(obtain):
    clock, provider = FakeClock(), Provider("one", "two")
    ring = keyring(provider, clock)
    first, second = obtain(ring), obtain(ring)
    clock.seconds += 61
    assert (first, second, provider.asked) == (first, first, 1)
    assert obtain(ring).access_key_id == "two"


def test_refused_keys_are_renewed_at_once(obtain):
    provider = Provider("one", "two")
    ring = keyring(provider)
    old = obtain(ring)
    new = obtain(ring, stale=old)
    assert (old.access_key_id, new.access_key_id) == ("one", "two")
    # Another call was refused with the same old keys: they are renewed already.
    assert obtain(ring, stale=old) == new
    assert provider.asked == 2


def test_a_failed_look_up_is_told_and_tried_again_next_time(obtain):
    ring = keyring(Provider(OSError("no file"), "id"))
    with pytest.raises(CredentialsError, match="ALIBABA_CLOUD_ACCESS_KEY_ID") as caught:
        obtain(ring)
    assert isinstance(caught.value.__cause__, OSError)
    assert obtain(ring).access_key_id == "id"


def test_a_bearer_token_is_refused_without_being_shown(obtain):
    credential = SimpleNamespace(type="bearer", bearer_token="s3cret", access_key_id=None)
    ring = Keyring(GivenProvider(SimpleNamespace(get_credential=lambda: credential)), FakeClock())
    with pytest.raises(CredentialsError, match="type: bearer") as caught:
        obtain(ring)
    assert "s3cret" not in str(caught.value)


def test_a_slow_look_up_ends_in_time(obtain):
    release = threading.Event()
    slow = SimpleNamespace(get_credential=lambda: release.wait(30))
    try:
        with pytest.raises(CredentialsError, match=r"within 0\.0 s"):
            obtain(keyring(slow), within_s=0.01)
    finally:
        release.set()


def test_calls_made_meanwhile_share_one_look_up():
    release, entered, provider = threading.Event(), threading.Event(), Provider("id")

    def get_credential():
        entered.set()
        release.wait(30)
        return provider.get_credential()

    ring = keyring(SimpleNamespace(get_credential=get_credential))
    found = []
    askers = [threading.Thread(target=lambda: found.append(ring.obtain(None, 30))) for _ in range(4)]
    for asker in askers:
        asker.start()
    entered.wait(30)
    release.set()
    for asker in askers:
        asker.join(30)
    assert (len(found), provider.asked) == (4, 1)


def test_the_environment_is_read_when_keys_are_needed(monkeypatch, obtain):
    """The official package reads it only once, when it is imported: workers would not see theirs."""
    import alibabacloud_credentials.client  # noqa: F401

    ring = Keyring(DefaultChain(), FakeClock())
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", " s\n")
    monkeypatch.setenv("ALIBABA_CLOUD_SECURITY_TOKEN", "t")
    assert obtain(ring) == Keys("id", SecretStr("s"), SecretStr("t"))


def test_without_environment_the_official_chain_is_asked(monkeypatch, obtain):
    provider = Provider("id")
    monkeypatch.setattr(credentials, "_official_chain", lambda: provider)
    assert obtain(Keyring(DefaultChain(), FakeClock())).access_key_id == "id"


def test_a_chain_that_gives_refused_keys_again_is_built_anew(monkeypatch, obtain):
    """It keeps what it found and cannot be asked for a fresh look."""
    chains = [Provider("old"), Provider("new")]
    monkeypatch.setattr(credentials, "_official_chain", lambda: chains.pop(0))
    ring = Keyring(DefaultChain(), FakeClock())
    old = obtain(ring)
    assert obtain(ring, stale=old).access_key_id == "new"
    assert chains == []


def test_no_credentials_anywhere(monkeypatch, obtain):
    """The message says what was tried and what to do."""
    monkeypatch.setattr(credentials, "_official_chain", lambda: Provider(RuntimeError("none")))
    with pytest.raises(CredentialsError) as caught:
        obtain(Keyring(DefaultChain(), FakeClock()))
    for word in ("environment", "OIDC", "profiles", "RAM role", "aliyun configure", "access_key_id"):
        assert word in str(caught.value)


def test_the_official_chain_itself(monkeypatch, tmp_path, capfd, obtain):
    """It finds nothing on a bare machine, says nothing of its own, and its error does not reach the caller."""
    from alibabacloud_credentials.utils import auth_util

    monkeypatch.setattr(auth_util, "environment_ecs_metadata_disabled", "true")
    monkeypatch.setattr(auth_util, "environment_access_key_id", None)
    monkeypatch.setattr(auth_util, "environment_credentials_uri", None)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(CredentialsError, match="aliyun configure") as caught:
        obtain(Keyring(DefaultChain(), FakeClock()), within_s=30)
    assert type(caught.value.__cause__).__name__ == "CredentialException"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("bad", ["two\nlines", "café", "a b"])
def test_a_key_that_cannot_be_one_is_refused(bad):
    """It could not be sent in a header, and the HTTP package would quote it in its error."""
    with pytest.raises(CredentialsError, match="copy it again") as caught:
        key_source("id", secret(bad), NOTHING, None)
    assert bad not in str(caught.value)


def test_keys_are_not_shown():
    keys = Keys("LTAI5tExampleKeyId", SecretStr("the-secret"), SecretStr("the-token"))
    assert repr(keys) == str(keys) == "Keys('LTAI****Id')"
    assert keys.scrub("id LTAI5tExampleKeyId s the-secret t the-token") == "id LTAI****Id s **** t ****"
