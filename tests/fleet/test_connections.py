"""Connections are few and are kept: counted where they arrive, at a TLS server on loopback."""

import asyncio
import datetime as dt
import ipaddress
import ssl
import threading

import pytest
from fleet_runs import request_for

from eas_deploy import AsyncDeployer, Deployer

x509 = pytest.importorskip("cryptography.x509")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for 127.0.0.1, with its key, in one file."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.timezone.utc)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(made.public_bytes(pem) + private)
    return str(path)


class TlsFront:
    """Takes TLS connections and passes their bytes on to the emulator.

    Counts the TCP connections that are accepted, and the TLS handshakes that are completed on them.
    """

    def __init__(self, certificate, port):
        self.connections = 0
        self.handshakes = 0
        self._target = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        opening = self._loop.create_server(self._accept, "127.0.0.1", 0, ssl=self._context)
        self._server = asyncio.run_coroutine_threadsafe(opening, self._loop).result(5)
        self.url = f"https://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _close(self):
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _accept(self):
        self.connections += 1
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(loop=self._loop), self._serve, self._loop)

    async def _serve(self, reader, writer):
        self.handshakes += 1
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            await asyncio.gather(self._pass_on(reader, far_writer), self._pass_on(far_reader, writer))
        except (asyncio.CancelledError, OSError):
            pass
        finally:
            for one in (writer, far_writer):
                one.transport.abort()

    async def _pass_on(self, source, target):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
        target.close()


@pytest.fixture
def front(emulator, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    with TlsFront(certificate, int(emulator.url.rpartition(":")[2])) as running:
        yield running


@pytest.fixture(params=["blocking", "asyncio"])
def deploy(request, front, emulator):
    keys = {**emulator.connection(), "endpoint_url": front.url}

    def blocking(method, wanted, **options):
        with Deployer("cn-hangzhou", **keys) as deployer:
            return getattr(deployer, method)(wanted, **options)

    async def awaited(method, wanted, **options):
        async with AsyncDeployer("cn-hangzhou", **keys) as deployer:
            return await getattr(deployer, method)(wanted, **options)

    if request.param == "blocking":
        return blocking
    return lambda *arguments, **options: asyncio.run(awaited(*arguments, **options))


def test_one_deployment_takes_two(front, deploy):
    """Of its seven calls two at most are under way at once, and every connection is used again."""
    assert deploy("deploy", request_for("demo")).verified
    assert front.connections == front.handshakes == 2


def test_a_fleet_takes_as_many_as_it_may_use_at_once(front, deploy, emulator):
    """Four calls for all and three for each of fifty, over six connections at most."""
    report = deploy("deploy_many", [request_for(f"demo_{index}") for index in range(50)], max_concurrency=6)

    assert report.ok
    assert len(emulator.calls) == 4 + 3 * 50
    assert 2 <= front.connections <= 6
    assert front.handshakes == front.connections
