"""Whom to trust besides the system's certificate authorities: the settings egress_ca_file of the lanes."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from OpenSSL import SSL
from scrapy.crawler import Crawler
from twisted.internet._sslverify import IOpenSSLTrustRoot
from twisted.internet.ssl import optionsForClientTLS
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

from schemas.errors import SettingsError


def public_key_hashes(file: Path) -> list[str]:
    """Of each certificate in a PEM file: SHA-256 of its SubjectPublicKeyInfo in base64, as Chromium wants it.

    Raises SettingsError where the file can't be read.
    """
    try:
        certificates = x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(f"egress_ca_file: {file} can't be read as PEM certificates ({error})") from error
    keys = [item.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) for item in certificates]
    return [base64.b64encode(hashlib.sha256(key).digest()).decode() for key in keys]


@implementer(IOpenSSLTrustRoot)
class SystemAndOwn:
    """The system's certificate authorities and those of some files."""

    def __init__(self, files: Sequence[str]) -> None:
        self._files = files

    def _addCACertsToContext(self, context: SSL.Context) -> None:
        context.set_default_verify_paths()
        for file in self._files:
            context.load_verify_locations(file)


@implementer(IPolicyForHTTPS)
class EgressContextFactory:
    """Verifies the certificates of plain requests, trusting the lanes' own authorities too.

    For Scrapy's setting DOWNLOADER_CLIENTCONTEXTFACTORY, which is set only where a lane has one.
    """

    def __init__(self, files: Sequence[str]) -> None:
        self._trust = SystemAndOwn(files)

    @classmethod
    def from_crawler(cls, crawler: Crawler, **_: Any) -> "EgressContextFactory":
        """Built by Scrapy, which also passes what its own factory takes."""
        return cls(crawler.settings.getlist("EGRESS_CA_FILES"))

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:
        """The verifying side of one connection (Twisted's interface)."""
        return optionsForClientTLS(hostname.decode("ascii"), trustRoot=self._trust)  # type: ignore[arg-type]
