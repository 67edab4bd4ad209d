"""TLS is verified, and custom authorities, client certificates and proxies work."""

import asyncio
import json
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from relays import Authority, Relay

from eas_deploy import AsyncDeployer, Deployer
from eas_deploy.errors import ConnectError, GateError, PermissionDeniedError, ServerError, TransportError
from eas_deploy.patterns import VllmOss

REGION = "cn-hangzhou"
FIELDS = json.loads((Path(__file__).parents[1] / "data" / "open_requests.json").read_text())
REQUEST = VllmOss(**FIELDS["1"])


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def front(emulator, authority):
    """The emulator behind TLS."""
    with Relay(urlsplit(emulator.url).port, tls=authority.serving("localhost", "127.0.0.1")) as relay:
        yield relay


@pytest.fixture
def proxy():
    with Relay() as relay:
        yield relay


def deploy(emulator, url, **options):
    with Deployer(REGION, **{**emulator.connection(), "endpoint_url": url}, **options) as deployer:
        return deployer.deploy(REQUEST)


def deploy_async(emulator, url, **options):
    async def main():
        connection = {**emulator.connection(), "endpoint_url": url}
        async with AsyncDeployer(REGION, **connection, **options) as deployer:
            return await deployer.deploy(REQUEST)

    return asyncio.run(main())


BOTH = pytest.mark.parametrize("deploy", [deploy, deploy_async])


@BOTH
def test_an_unknown_authority_is_refused(emulator, front, deploy):
    """Nothing is sent, least of all a signature."""
    with pytest.raises(GateError) as caught:
        deploy(emulator, front.url, max_retries=0)
    assert isinstance(caught.value.__cause__, ConnectError)
    assert "CERTIFICATE_VERIFY_FAILED" in str(caught.value)
    assert emulator.calls == []


@BOTH
def test_an_authority_named_by_the_environment(emulator, front, authority, monkeypatch, deploy):
    """``SSL_CERT_FILE``, as the networks of companies need it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    assert deploy(emulator, front.url).verified


def test_an_authority_of_the_given_client(emulator, front, authority):
    with httpx.Client(verify=authority.trusted()) as client:
        assert deploy(emulator, front.url, http_client=client).verified


def test_a_certificate_of_another_host_is_refused(emulator, authority):
    with (
        Relay(urlsplit(emulator.url).port, tls=authority.serving("elsewhere.example")) as other,
        httpx.Client(verify=authority.trusted()) as client,
        pytest.raises(GateError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        deploy(emulator, other.url, http_client=client, max_retries=0)
    assert emulator.calls == []


@pytest.fixture
def guarded(emulator, authority):
    """The emulator behind TLS that asks clients for a certificate."""
    tls = authority.serving("localhost", clients_too=True)
    with Relay(urlsplit(emulator.url).port, tls=tls) as relay:
        yield relay


def test_a_client_certificate(emulator, guarded, authority):
    context = authority.trusted()
    context.load_cert_chain(*authority.issue("client"))
    with httpx.Client(verify=context) as client:
        assert deploy(emulator, guarded.url, http_client=client).verified


def test_without_the_client_certificate(emulator, guarded, authority):
    with httpx.Client(verify=authority.trusted()) as client, pytest.raises(GateError) as caught:
        deploy(emulator, guarded.url, http_client=client, max_retries=0)
    assert isinstance(caught.value.__cause__, TransportError)
    assert emulator.calls == []


@BOTH
def test_a_proxy_of_the_environment(emulator, proxy, monkeypatch, deploy):
    """Plain HTTP is passed on by the proxy, and the signature survives it."""
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    assert deploy(emulator, emulator.url).verified
    assert len(proxy.seen) == len(emulator.calls) == 7
    assert {target.partition("?")[0].partition("/api")[0] for _, target in proxy.seen} == {emulator.url}


@BOTH
def test_a_tunnel_of_the_environment(emulator, front, proxy, authority, monkeypatch, deploy):
    """TLS goes through the proxy, which sees the host's name only."""
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    assert deploy(emulator, front.url).verified
    assert set(proxy.seen) == {("CONNECT", f"localhost:{front.own_port}")}


def test_a_proxy_of_the_given_client(emulator, front, proxy, authority):
    with httpx.Client(proxy=proxy.url, verify=authority.trusted()) as client:
        assert deploy(emulator, front.url, http_client=client).verified
    assert set(proxy.seen) == {("CONNECT", f"localhost:{front.own_port}")}


def test_a_host_that_needs_no_proxy(emulator, proxy, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert deploy(emulator, emulator.url).verified
    assert proxy.seen == []


@BOTH
def test_a_proxy_that_refuses_to_connect(emulator, front, proxy, monkeypatch, deploy):
    """Nothing was sent, and the message says which variable names the proxy."""
    proxy.refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    with pytest.raises(GateError, match="HTTPS_PROXY") as caught:
        deploy(emulator, front.url, max_retries=0)
    assert isinstance(caught.value.__cause__, ConnectError)
    assert emulator.calls == []


@pytest.mark.parametrize(
    ("status", "kind"), [("502 Bad Gateway", ServerError), ("403 Forbidden", None)], ids=["502", "403"]
)
def test_a_page_of_a_proxy_is_nobodys_answer(emulator, proxy, monkeypatch, status, kind):
    """A proxy's 403 is no missing permission."""
    page = b"<html>no</html>"
    proxy.refusal = f"HTTP/1.1 {status}\r\ncontent-length: {len(page)}\r\n\r\n".encode() + page
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    with pytest.raises(GateError, match="proxy") as caught:
        deploy(emulator, emulator.url, max_retries=0)
    cause = caught.value.__cause__
    assert not isinstance(cause, PermissionDeniedError)
    assert kind is None or isinstance(cause, kind)
    assert emulator.services == {}


def test_a_proxy_that_is_not_there(emulator, front, monkeypatch):
    with Relay() as gone:
        monkeypatch.setenv("HTTPS_PROXY", gone.url)
    with pytest.raises(GateError, match="HTTPS_PROXY") as caught:
        deploy(emulator, front.url, max_retries=0)
    assert isinstance(caught.value.__cause__, ConnectError)
