"""Keys that end, or a clock that is wrong, while a deployment is under way."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from eas_deploy import AsyncDeployer, Deployer, Planner
from eas_deploy.emulator import Fault
from eas_deploy.errors import AuthenticationError
from eas_deploy.patterns import VllmOss

REGION = "cn-hangzhou"
REQUEST = VllmOss(**json.loads((Path(__file__).parents[1] / "data" / "open_requests.json").read_text())["1"])
CALLS = [call.operation for call in Planner(REGION).outline(REQUEST)]


class Sessions:
    """A provider that gives a new STS session each time it is asked."""

    def __init__(self, emulator):
        self.emulator, self.given = emulator, []

    def get_credential(self):
        session = self.emulator.add_session()
        self.given.append(session["security_token"])
        return SimpleNamespace(**session, type="sts")


@pytest.fixture
def sessions(emulator):
    return Sessions(emulator)


@pytest.fixture
def deployer(emulator, http_client, sessions):
    with Deployer(REGION, endpoint_url=emulator.url, http_client=http_client, credential=sessions) as opened:
        yield opened


def keys_used(emulator, operation):
    return [call.headers["x-acs-accesskey-id"] for call in emulator.calls if call.operation == operation]


@pytest.mark.parametrize("operation", CALLS)
def test_an_expired_token_is_renewed_in_flight(emulator, sessions, deployer, operation):
    """Once, and the refused call is repeated with the new keys: CreateService too, since nothing was done."""
    emulator.inject(Fault(operation, "expired_token"))
    assert deployer.deploy(REQUEST).verified
    assert len(sessions.given) == 2
    first, second = keys_used(emulator, operation)
    assert first != second
    assert emulator.services_made == 1


def test_an_expired_token_is_renewed_under_asyncio(emulator, sessions):
    emulator.inject(Fault("CreateService", "expired_token"))

    async def main():
        async with (
            httpx.AsyncClient(verify=False, trust_env=False) as client,
            AsyncDeployer(
                REGION, endpoint_url=emulator.url, http_client=client, credential=sessions
            ) as deployer,
        ):
            return await deployer.deploy(REQUEST)

    assert asyncio.run(main()).verified
    assert len(sessions.given) == 2


def test_a_session_that_really_ends_between_plan_and_execution(emulator, sessions, deployer):
    plan = deployer.plan(REQUEST)
    emulator.expire_session(sessions.given[0])
    assert deployer.execute(plan).verified
    assert len(sessions.given) == 2


def test_a_provider_with_nothing_but_expired_tokens(emulator, sessions, deployer):
    """It is asked once more, not for ever; nothing is created."""
    emulator.inject(Fault(kind="expired_token", times=None))
    with pytest.raises(AuthenticationError, match="get a new one") as caught:
        deployer.deploy(REQUEST)
    assert caught.value.code == "InvalidSecurityToken.Expired"
    assert len(keys_used(emulator, "ListServices")) == 2
    assert emulator.services_made == 0


def test_keys_of_the_environment_that_are_replaced(emulator, http_client, monkeypatch):
    """The official default chain begins with the environment, which is read again when a token has ended."""

    def put(session):
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", session["access_key_id"])
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", session["access_key_secret"])
        monkeypatch.setenv("ALIBABA_CLOUD_SECURITY_TOKEN", session["security_token"])

    first, second = emulator.add_session(), emulator.add_session()
    put(first)
    with Deployer(REGION, endpoint_url=emulator.url, http_client=http_client) as deployer:
        plan = deployer.plan(REQUEST)
        emulator.expire_session(first["security_token"])
        put(second)
        assert deployer.execute(plan).verified
    assert keys_used(emulator, "CreateService") == [first["access_key_id"], second["access_key_id"]]


def test_given_keys_that_end(emulator, http_client):
    """They cannot be renewed: the error says whose they are."""
    session = emulator.add_session()
    emulator.expire_session(session["security_token"])
    with (
        Deployer(REGION, http_client=http_client, **session) as deployer,
        pytest.raises(AuthenticationError, match="from the keys passed to the client") as caught,
    ):
        deployer.deploy(REQUEST)
    assert caught.value.code == "InvalidSecurityToken.Expired"
    assert len([call for call in emulator.calls if call.operation == "ListServices"]) == 1


@pytest.mark.parametrize(("skew_s", "words"), [(7200, "s behind"), (-7200, "s ahead")])
def test_a_wrong_clock_is_named(emulator, deployer, monkeypatch, skew_s, words):
    """From the Date of the answer: by how much, and in which direction."""
    emulator.clock.skew_s = skew_s

    def dated(usegmt):
        from email.utils import formatdate

        return formatdate(emulator.clock.signature_time(), usegmt=usegmt)

    monkeypatch.setattr("eas_deploy.emulator.wire.formatdate", dated)
    with pytest.raises(AuthenticationError, match=words) as caught:
        deployer.deploy(REQUEST)
    (told,) = [word for word in str(caught.value).split() if word.isdigit() and len(word) == 4]
    assert abs(int(told) - 7200) < 60
    assert caught.value.code == "InvalidTimeStamp.Expired"
    assert emulator.services_made == 0
