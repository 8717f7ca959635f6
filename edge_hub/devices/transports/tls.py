"""`tls://host:port`: TLS over TCP, for card terminals and printers that speak HTTPS.

Who answers is always checked before a byte is sent: against the system's authorities and the host's name, against
`ca=/path.pem` instead, for another `name=`, or against the one certificate with `fingerprint=`. There is no way to
check nothing.

The session runs on top of TcpTransport, whose keep-alive, back pressure and closing it inherits; asyncio's own TLS
streams keep a write's bytes in buffers that nobody outside can see.
"""

import asyncio
import hashlib
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from hmac import compare_digest

from edge_hub.clock import Clock
from edge_hub.devices.transports.tcp import open_tcp
from edge_hub.devices.transports.url import DeviceUrl, bad_url, only_options
from edge_hub.sdk.errors import DeviceFault, DeviceLost, ErrorCode
from edge_hub.sdk.timing import deadline
from edge_hub.sdk.transport import READ_BYTES_MAX, Transport

HANDSHAKE_LIMIT_S = 10.0
"""Terminals with weak processors take a second or two."""
GOODBYE_LIMIT_S = 1.0
OPTIONS = frozenset({"ca", "fingerprint", "name"})
_FINGERPRINT = re.compile(r"[0-9a-f]{64}\Z")
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom to speak with: `ca` "" is the system's authorities; `fingerprint` "" pins nothing. With a fingerprint and
    no `ca` only that one certificate counts, whoever signed it and whatever names it has.
    """

    name: str
    ca: str
    fingerprint: str

    @property
    def chained(self) -> bool:
        """The certificate must come from an authority, for `name`."""
        return bool(self.ca) or not self.fingerprint


def trust_of(url: DeviceUrl) -> Trust:
    """What a tls:// URL says of trust; raises BadUrl."""
    only_options(url, OPTIONS)
    ca = url.options.get("ca", "")
    if "ca" in url.options and not ca.startswith("/"):
        raise bad_url("ca", "ca is the absolute path of a PEM file")
    fingerprint = url.options.get("fingerprint", "").replace(":", "").lower()
    if "fingerprint" in url.options and not _FINGERPRINT.match(fingerprint):
        raise bad_url("fingerprint", "fingerprint is the certificate's SHA-256, 64 hex digits")
    if "name" in url.options and fingerprint and not ca:
        raise bad_url(
            "name", "with a fingerprint alone no name is checked: leave it out, or give ca", why="name-unchecked"
        )
    name = url.options.get("name", url.name)
    if "name" in url.options and not _NAME.match(name):
        raise bad_url("name", "name is the host name in the certificate", why="tls-name")
    return Trust(name=name, ca=ca, fingerprint=fingerprint)


async def open_tls(url: DeviceUrl, clock: Clock) -> "TlsTransport":
    """Connect, shake hands and check who it is. Raises DeviceLost when nobody answers in time, DeviceFault for a
    certificate that is not the one, or a service that does not speak TLS.
    """
    trust = trust_of(url)
    # reading the authorities takes some milliseconds of disk and processor
    context = await asyncio.to_thread(_context, url, trust)
    # a DeviceUrl of the wire beneath: its options were the session's
    wire = await open_tcp(DeviceUrl(scheme="tcp", name=url.name, port=url.port), clock)
    transport = TlsTransport(url.public, wire, context, trust, clock)
    try:
        await transport.shake_hands()
    except BaseException:
        await wire.close()
        raise
    return transport


def _context(url: DeviceUrl, trust: Trust) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    try:
        if not trust.chained:
            # TlsTransport.shake_hands compares the fingerprint
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif trust.ca:
            context.load_verify_locations(cafile=trust.ca)
        else:
            context.load_default_certs()
    except ssl.SSLError as exc:
        raise DeviceFault(f"{url.public}: {trust.ca} holds no certificate in PEM") from exc
    except OSError as exc:
        raise DeviceFault(f"{url.public}: {trust.ca}: {exc.strerror}") from exc
    return context


class TlsTransport:
    """A TLS session on an open wire; of no use before `shake_hands`."""

    def __init__(self, url: str, wire: Transport, context: ssl.SSLContext, trust: Trust, clock: Clock) -> None:
        self._url = url
        self._wire = wire
        self._trust = trust
        self._clock = clock
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=trust.name)
        self._sending = asyncio.Lock()
        self._bytes_written = 0
        self._closed = False

    @property
    def url(self) -> str:
        return self._url

    @property
    def bytes_written(self) -> int:
        return self._bytes_written

    async def shake_hands(self) -> None:
        """Raises DeviceLost, or DeviceFault for somebody else."""
        try:
            async with deadline(self._clock, HANDSHAKE_LIMIT_S):
                await self._handshake()
        except TimeoutError:
            raise DeviceLost(
                f"{self._url}: no TLS handshake within {HANDSHAKE_LIMIT_S:g} s", error_code=ErrorCode.TIMEOUT
            ) from None
        self._check_fingerprint()

    async def _handshake(self) -> None:
        while True:
            try:
                self._session.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                self._incoming.write(await self._wire.read())
            except ssl.SSLError as exc:
                # the other side is told why before the wire ends
                with suppress(DeviceLost):
                    await self._flush()
                raise DeviceFault(f"{self._url}: {_refusal(exc)}") from exc
            else:
                await self._flush()
                return

    def _check_fingerprint(self) -> None:
        if not self._trust.fingerprint:
            return
        found = hashlib.sha256(self._session.getpeercert(binary_form=True) or b"").hexdigest()
        if not compare_digest(found, self._trust.fingerprint):
            raise DeviceFault(f"{self._url}: another certificate than the pinned one, its fingerprint is {found}")

    async def read(self) -> bytes:
        while True:
            self._check_open()
            try:
                data = self._session.read(READ_BYTES_MAX)
            except ssl.SSLWantReadError:
                # whoever is sending sends this, too: a device that takes nothing until it was read must be read
                if not self._sending.locked():
                    await self._flush()
                self._incoming.write(await self._wire.read())
                continue
            except ssl.SSLError as exc:
                raise self._lost(exc) from exc
            if not data:
                raise DeviceLost(f"{self._url}: the device ended the connection")
            return data

    async def write(self, data: bytes) -> None:
        self._check_open()
        # counted before: once handed over, nobody can say that no byte of it left
        self._bytes_written += len(data)
        left = memoryview(data)
        try:
            while left:
                left = left[self._session.write(left) :]
        except ssl.SSLError as exc:
            raise self._lost(exc) from exc
        await self._flush()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            with suppress(ssl.SSLError, DeviceLost, TimeoutError):
                async with deadline(self._clock, GOODBYE_LIMIT_S):
                    await self._say_goodbye()
        finally:
            await self._wire.close()

    async def _say_goodbye(self) -> None:
        with suppress(ssl.SSLWantReadError):
            # the answer to it is not waited for
            self._session.unwrap()
        await self._flush()

    async def _flush(self) -> None:
        """Send what the session has made, in its order whoever made it."""
        while self._outgoing.pending:
            async with self._sending:
                if self._outgoing.pending:
                    await self._wire.write(self._outgoing.read())

    def _check_open(self) -> None:
        if self._closed:
            raise DeviceLost(f"{self._url} is closed")

    def _lost(self, exc: ssl.SSLError) -> DeviceLost:
        if isinstance(exc, ssl.SSLZeroReturnError):
            return DeviceLost(f"{self._url}: the device ended the connection")
        return DeviceLost(f"{self._url}: TLS failed ({exc.reason or exc})")


def _refusal(exc: ssl.SSLError) -> str:
    if isinstance(exc, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {exc.verify_message}"
    return f"no TLS to be had there ({exc.reason or exc})"
