"""Simulators behind TLS on 127.0.0.1, with a certificate made for the moment."""

import asyncio
import hashlib
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class StreamWire:
    def __init__(self, reader, writer):
        self._reader = reader
        self._writer = writer

    async def read(self):
        try:
            return await self._reader.read(4096)
        except OSError:
            return b""

    async def write(self, data):
        self._writer.write(data)
        await self._writer.drain()


def own_certificate(path):
    """Write key and certificate, signed by itself, to `path`; its fingerprint."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a device")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return hashlib.sha256(made.public_bytes(serialization.Encoding.DER)).hexdigest()


@asynccontextmanager
async def behind_tls(simulator, folder):
    """Yields the tls:// URL, its fingerprint in it."""
    fingerprint = own_certificate(folder / "device.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "device.pem")
    tasks = []

    async def serve(reader, writer):
        # TLS begins here and not in the server: a connection that is still shaking hands is ended with the others
        tasks.append(asyncio.current_task())
        raw = writer.transport
        try:
            await writer.start_tls(context)
            await simulator.serve(StreamWire(reader, writer))
        except OSError:
            pass
        finally:
            writer.transport.abort()
            raw.abort()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"tls://127.0.0.1:{listening.sockets[0].getsockname()[1]}?fingerprint={fingerprint}"
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
