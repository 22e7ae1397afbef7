"""Makes a private certificate authority and a certificate that it signed for a server on loopback."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

NAMES = "DNS:localhost,IP:127.0.0.1"


@dataclass(frozen=True)
class Certificates:
    """Where the files are, all PEM. Nobody trusts `authority` but who is told to."""
    authority: Path
    server: Path
    server_key: Path


def make(folder: Path) -> Certificates:
    """Makes them in a folder that exists; good from now for two days."""
    made = Certificates(folder / "authority.crt", folder / "server.crt", folder / "server.key")
    authority_key = folder / "authority.key"
    _certify("momentcut test authority", made.authority, authority_key,
             "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    _certify("localhost", made.server, made.server_key, "-CA", made.authority, "-CAkey", authority_key,
             "-addext", f"subjectAltName={NAMES}", "-addext", "basicConstraints=critical,CA:FALSE",
             "-addext", "extendedKeyUsage=serverAuth")
    return made


def _certify(name: str, certificate: Path, key: Path, *more: object) -> None:
    # Elliptic curves, since an RSA key takes longer to make than many a test to run.
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256",
             "-days", "2", "-subj", f"/CN={name}", "-out", certificate, "-keyout", key, *more)


def _openssl(*words: object) -> None:
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(f"openssl {words[0]}: {done.stderr}")
