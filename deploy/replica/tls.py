"""The replica's own certificate authority, kept in its state folder, and the certificate for all of its names.

`ca.pem` is what clients trust. `ca.spki` holds what Chromium wants for --ignore-certificate-errors-spki-list: the
authority's certificate is a part of the presented chain, so its key's hash is enough.
"""

import base64
import hashlib
import os
import ssl
from collections.abc import Iterable
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deploy.replica.errors import StateError

CERTIFICATE = "ca.pem"
KEY = "ca.key"
HASH = "ca.spki"


def own_authority(folder: Path) -> trustme.CA:
    """The authority of a state folder, made at the first call. Raises StateError where the folder can't be used."""
    certificate, key = folder / CERTIFICATE, folder / KEY
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (certificate.exists() and key.exists()):
            authority = trustme.CA()
            write_private(key, authority.private_key_pem.bytes())
            certificate.write_bytes(authority.cert_pem.bytes())
        authority = trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
        (folder / HASH).write_text(public_key_hash(authority.cert_pem.bytes()) + "\n", encoding="ascii")
    except (OSError, ValueError, TypeError) as error:
        raise StateError(
            f"the certificate authority in {folder} can't be used ({error}): remove {CERTIFICATE} and {KEY} there, "
            "and a new one is made"
        ) from error
    return authority


def server_context(authority: trustme.CA, names: Iterable[str], folder: Path) -> ssl.SSLContext:
    """What the TLS server presents: one certificate for all names, and the authority's own after it.

    Raises StateError where the folder can't be written, or the authority's key is not that of its certificate.
    """
    leaf = authority.issue_cert(*sorted(names))
    chain = folder / "server.pem"
    try:
        write_private(chain, leaf.private_key_and_cert_chain_pem.bytes() + authority.cert_pem.bytes())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        ssl.create_default_context(cadata=authority.cert_pem.bytes().decode("ascii"))
    except (OSError, ValueError) as error:
        raise StateError(f"the certificate can't be written to {folder} ({error})") from error
    return context


def public_key_hash(certificate: bytes) -> str:
    """SHA-256 of the SubjectPublicKeyInfo of a PEM certificate, in base64."""
    key = x509.load_pem_x509_certificate(certificate).public_key()
    return base64.b64encode(
        hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    ).decode("ascii")


def write_private(file: Path, content: bytes) -> None:
    """Write a file that its owner alone can read, in one step. Raises OSError."""
    partial = file.with_name(file.name + ".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
    partial.replace(file)
