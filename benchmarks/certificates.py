"""A certificate authority for one run, and the bundle that makes clients trust it.

The bundle holds the usual authorities too: reading them is what a client pays for in real life.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CHAIN, KEY, BUNDLE = "chain.pem", "key.pem", "bundle.pem"


def make(folder: Path) -> None:
    """Write a certificate for 127.0.0.1, its key, and the bundle into ``folder``."""
    root_key = ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "benchmark authority")])
    root = _certificate(root_name, root_name, root_key.public_key(), root_key, authority=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    leaf = _certificate(name, root_name, key.public_key(), root_key, authority=False)
    pem = serialization.Encoding.PEM
    (folder / CHAIN).write_bytes(leaf.public_bytes(pem))
    (folder / KEY).write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / BUNDLE).write_bytes(Path(certifi.where()).read_bytes() + b"\n" + root.public_bytes(pem))


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
) -> x509.Certificate:
    now = datetime.now(timezone.utc)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    return builder.add_extension(alternative, critical=False).sign(signer, hashes.SHA256())
