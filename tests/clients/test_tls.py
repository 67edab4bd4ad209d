"""TLS contexts are shared for as long as they would be the same."""

import os
import ssl
from pathlib import Path

import certifi
import httpx
import pytest

from eas_deploy.clients.tls import tls_context
from eas_deploy.errors import ConfigError


@pytest.fixture
def authorities(tmp_path, monkeypatch):
    """A file with certificates that the environment names."""
    path = tmp_path / "authorities.pem"
    path.write_bytes(Path(certifi.where()).read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def test_one_context_serves_all(authorities):
    assert tls_context(httpx) is tls_context(httpx)


def test_another_environment_has_another(authorities, monkeypatch):
    before = tls_context(httpx)
    monkeypatch.delenv("SSL_CERT_FILE")
    assert tls_context(httpx) is not before


def test_changed_certificates_are_read(authorities):
    before = tls_context(httpx)
    os.utime(authorities, ns=(1, 1))
    assert tls_context(httpx) is not before


def test_it_verifies(authorities):
    context = tls_context(httpx)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read(authorities, content):
    """Told before anything is sent, and with the variable that names them."""
    authorities.unlink()
    if content is not None:
        authorities.write_text(content)
    with pytest.raises(ConfigError, match="SSL_CERT_FILE"):
        tls_context(httpx)
