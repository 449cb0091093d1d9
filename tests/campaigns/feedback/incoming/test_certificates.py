"""Nothing of the password or the mails goes to a server that is not the one that was named."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest

from campaigns.feedback.incoming import reading
from tests.campaigns.feedback.incoming.reports import letter
from tests.imap import imap_server

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With its key, for this machine, signed by nobody else."""
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    words += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", file, "-out", file.with_suffix(".public")]
    subprocess.run(["openssl", *words], check=True, capture_output=True)
    file.write_text(file.read_text() + file.with_suffix(".public").read_text())
    return file


def protected(certificate: Path) -> ssl.SSLContext:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    return tls


@pytest.mark.parametrize("upgrades", [False, True], ids=["imaps", "starttls"])
def test_a_server_with_a_bad_certificate_hears_no_password(settings: object, certificate: Path, upgrades: bool) -> None:
    with imap_server(protected(certificate), upgrades=upgrades) as server:
        settings.INCOMING_MAIL = server.options()  # type: ignore[attr-defined]

        assert "certificate" in reading.read(seconds=60).failure

        assert "LOGIN" not in server.asked


@pytest.mark.parametrize("upgrades", [False, True], ids=["imaps", "starttls"])
def test_a_server_with_a_good_certificate_is_read(
    settings: object, certificate: Path, upgrades: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".public")))
    with imap_server(protected(certificate), upgrades=upgrades) as server:
        server.put(letter("Hello"))
        settings.INCOMING_MAIL = server.options()  # type: ignore[attr-defined]

        assert reading.read(seconds=60).counts == {"ignored": 1}
