"""HTTPS on a LAN without the internet: a certificate authority of the shop's own, and the hub's certificate under it.

Tablets trust the CA once (its fingerprint stands in the pairing QR code); the server's certificate is renewed under it
without anybody noticing and without a restart. Two files of mode 0600 in one directory, each with its key, so that
neither is ever half replaced:

    ca.pem       key and certificate; EC P-256, 10 years
    server.pem   key, certificate and the CA's; EC P-256, at most 397 days (the most that browsers take)
"""

import asyncio
import hashlib
import logging
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from edge_hub.clock import Clock

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

CA_DAYS = 3653
SERVER_DAYS = 397
RENEW_BEFORE_DAYS = 30
BACKDATED_HOURS = 24
"""Certificates begin this long ago: tablets' clocks are not always right."""
LOOK_PERIOD_S = 6 * 60 * 60
NAMES_MAX = 64
SUBJECT_CHARACTERS_MAX = 64
"""Of a common name (RFC 5280, upper bound ub-common-name)."""
SUBJECT_STORE_CHARACTERS_MAX = 40
LOCAL_SUFFIXES = ("local", "lan", "internal", "home.arpa", "localhost")
LOCAL_NETWORKS = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8",
    "fc00::/7", "fe80::/10", "::1/128",
)  # fmt: skip
"""With LOCAL_SUFFIXES and the names at its birth all that the CA may vouch for."""
FILE_MODE = 0o600
DIRECTORY_MODE = 0o700
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What tills may call the hub: DNS names (the .local one included) and addresses."""

    hostnames: tuple[str, ...]
    addresses: tuple[str, ...]


class Tls:
    """The hub's certificates, and the context that serves them. Raises OSError where its files cannot be kept."""

    def __init__(self, directory: Path, *, store: str, names: Callable[[], Names], clock: Clock) -> None:
        """`names` is asked at each look, for addresses change; `store` names the shop in the CA's subject."""
        self._store = store
        self._names = names
        self._clock = clock
        self._server = directory / "server.pem"
        self._left_out: Names | None = None
        directory.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        self._authority = Authority.open(directory / "ca.pem", self._store, self._names(), self._now())
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_alpn_protocols(["http/1.1"])
        self._renew_file()
        self._serve()

    @property
    def ca_pem(self) -> bytes:
        """For Android, Linux, Windows and Firefox; without the key."""
        return self._authority.pem

    @property
    def ca_der(self) -> bytes:
        """For iOS and macOS (`application/x-x509-ca-cert`)."""
        return ssl.PEM_cert_to_DER_cert(self.ca_pem.decode("ascii"))

    @property
    def ca_fingerprint(self) -> str:
        """SHA-256 of the CA's DER form as 64 lower-case hex digits."""
        return hashlib.sha256(self.ca_der).hexdigest()

    async def run(self) -> None:
        """Renew in time and whenever the hub's names change; a task of the daemon."""
        while True:
            await self._clock.sleep(LOOK_PERIOD_S)
            try:
                await self.renew_if_due()
            except OSError as exc:
                _log.warning("the certificate could not be renewed, next try in %d s: %s", LOOK_PERIOD_S, exc)

    async def renew_if_due(self) -> bool:
        """Make and serve a new certificate if the present one ends soon, is not yet valid or names other things."""
        renewed = await asyncio.to_thread(self._renew_file)
        if renewed:
            self._serve()
        return renewed

    def _renew_file(self) -> bool:
        names, left_out = self._authority.may_vouch_for(_bounded(self._names()))
        if left_out != self._left_out and (left_out.hostnames or left_out.addresses):
            _log.warning(
                "the shop's certificate authority may not vouch for %s: tills cannot use HTTPS by it",
                ", ".join((*left_out.hostnames, *left_out.addresses)),
            )
        self._left_out = left_out
        reason = self._why_renew(names)
        if reason:
            _keep(self._server, self._authority.issue(names, self._now()))
            _log.info("new certificate for %s: %s", ", ".join((*names.hostnames, *names.addresses)), reason)
        return bool(reason)

    def _why_renew(self, names: Names) -> str:
        from cryptography import x509  # 100 ms that a hub without HTTPS does not need

        try:
            certificate = x509.load_pem_x509_certificates(self._server.read_bytes())[0]
        except FileNotFoundError:
            return "there was none"
        except ValueError:
            return "the old one was unreadable"
        if not self._authority.issued(certificate):
            return "the old one was another authority's"
        end = certificate.not_valid_after_utc - timedelta(days=RENEW_BEFORE_DAYS)
        if not certificate.not_valid_before_utc <= self._now() < end:
            return "the old one ends"
        return "" if _names_in(certificate) == _as_set(names) else "the hub's names changed"

    def _serve(self) -> None:
        """Connections made from now on get it; those that are open keep what they have."""
        self.context.load_cert_chain(self._server)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now_ms() // 1000, UTC)


class Authority:
    """The shop's own CA."""

    def __init__(self, certificate: "x509.Certificate", key: "EllipticCurvePrivateKey") -> None:
        self._certificate = certificate
        self._key = key

    @classmethod
    def open(cls, path: Path, store: str, names: Names, now: datetime) -> "Authority":
        """The one in `path`; a new one where there is none, or an old one can no longer sign for a whole period."""
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            stored = path.read_bytes()
            certificate, key = x509.load_pem_x509_certificate(stored), load_pem_private_key(stored, None)
        except FileNotFoundError:
            _log.info("a certificate authority of the shop's own is made in %s", path)
        except ValueError as exc:
            _log.warning("%s is damaged, there is a new one and tablets must trust it anew: %s", path, exc)
        else:
            ends = certificate.not_valid_after_utc - timedelta(days=RENEW_BEFORE_DAYS)
            if isinstance(key, ec.EllipticCurvePrivateKey) and now < ends:
                return cls(certificate, key)
            _log.warning("the shop's certificate authority ends: there is a new one, and tablets must trust it anew")
        authority = cls._new(store, names, now)
        _keep(path, _key_pem(authority._key) + authority.pem)  # noqa: SLF001  # its own
        return authority

    @classmethod
    def _new(cls, store: str, names: Names, now: datetime) -> "Authority":
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        mark = key.public_key().public_numbers().x & 0xFFFFFF
        name = _subject(f"{store[:SUBJECT_STORE_CHARACTERS_MAX]} edge-hub CA {mark:06x}")
        public = key.public_key()
        builder = (
            _dated(now, now + timedelta(days=CA_DAYS))
            .subject_name(name)
            .issuer_name(name)
            .public_key(public)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(_constraints(names), critical=False)
        )
        return cls(builder.sign(key, hashes.SHA256()), key)

    @property
    def pem(self) -> bytes:
        return _pem(self._certificate)

    def issued(self, certificate: "x509.Certificate") -> bool:
        """Whether this authority signed it."""
        from cryptography.exceptions import InvalidSignature

        try:
            certificate.verify_directly_issued_by(self._certificate)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True

    def may_vouch_for(self, names: Names) -> tuple[Names, Names]:
        """(those its name constraints allow, the others)."""
        from cryptography import x509

        permitted = self._certificate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
        suffixes = [item.value for item in permitted or () if isinstance(item, x509.DNSName)]
        networks = [item.value for item in permitted or () if isinstance(item, x509.IPAddress)]
        hosts = {host for host in names.hostnames if any(f".{host}".endswith(f".{suffix}") for suffix in suffixes)}
        inside = {text for text in names.addresses if any(_is_in(ip_address(text), network) for network in networks)}
        return (
            Names(
                hostnames=tuple(host for host in names.hostnames if host in hosts),
                addresses=tuple(text for text in names.addresses if text in inside),
            ),
            Names(
                hostnames=tuple(host for host in names.hostnames if host not in hosts),
                addresses=tuple(text for text in names.addresses if text not in inside),
            ),
        )

    def issue(self, names: Names, now: datetime) -> bytes:
        """A new key, its server certificate and this authority's, as PEM."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        end = min(now + timedelta(days=SERVER_DAYS - 1), self._certificate.not_valid_after_utc)
        public, authority = key.public_key(), self._key.public_key()
        builder = (
            _dated(now, end)
            .subject_name(_subject((*names.hostnames, "edge-hub")[0][:SUBJECT_CHARACTERS_MAX]))
            .issuer_name(self._certificate.subject)
            .public_key(public)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority), critical=False)
            .add_extension(x509.SubjectAlternativeName(_general(names)), critical=False)
        )
        return _key_pem(key) + _pem(builder.sign(self._key, hashes.SHA256())) + self.pem


def _dated(now: datetime, end: datetime) -> "x509.CertificateBuilder":
    from cryptography import x509

    begin = now - timedelta(hours=BACKDATED_HOURS)
    builder = x509.CertificateBuilder().serial_number(x509.random_serial_number())
    return builder.not_valid_before(begin).not_valid_after(end)


def _subject(common_name: str) -> "x509.Name":
    from cryptography import x509

    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])


def _usage(*, signs_certificates: bool) -> "x509.KeyUsage":
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _constraints(names: Names) -> "x509.NameConstraints":
    """Local names and addresses and what the hub is called today: a stolen CA key is of no use for other sites."""
    from cryptography import x509

    suffixes = dict.fromkeys((*LOCAL_SUFFIXES, *_bounded(names).hostnames))
    subtrees = [
        *(x509.DNSName(suffix) for suffix in suffixes),
        *(x509.IPAddress(ip_network(network)) for network in LOCAL_NETWORKS),
    ]
    return x509.NameConstraints(permitted_subtrees=subtrees, excluded_subtrees=None)


def _general(names: Names) -> "list[x509.GeneralName]":
    from cryptography import x509

    hosts: list[x509.GeneralName] = [x509.DNSName(host) for host in names.hostnames]
    return hosts + [x509.IPAddress(ip_address(address)) for address in names.addresses]


def _names_in(certificate: "x509.Certificate") -> frozenset[str]:
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    addresses = map(str, found.get_values_for_type(x509.IPAddress))
    return frozenset((*found.get_values_for_type(x509.DNSName), *addresses))


def _as_set(names: Names) -> frozenset[str]:
    return frozenset((*names.hostnames, *(str(ip_address(address)) for address in names.addresses)))


def _bounded(names: Names) -> Names:
    """Without doubles, wild interface scopes and surprises: at most NAMES_MAX of each."""
    hosts = dict.fromkeys(host.strip().rstrip(".").lower() for host in names.hostnames if host.strip().isascii())
    addresses = dict.fromkeys(address.partition("%")[0] for address in names.addresses)
    return Names(hostnames=tuple(host for host in hosts if host)[:NAMES_MAX], addresses=tuple(addresses)[:NAMES_MAX])


def _is_in(address: IPv4Address | IPv6Address, network: object) -> bool:
    return isinstance(network, IPv4Network | IPv6Network) and address.version == network.version and address in network


def _pem(certificate: "x509.Certificate") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _key_pem(key: "EllipticCurvePrivateKey") -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _keep(path: Path, content: bytes) -> None:
    """Replace a file in one step that survives a pulled plug; never readable by others, not even for a moment."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
