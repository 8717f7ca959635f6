"""The TLS wire against real sockets on this machine, with certificates made for the moment."""

import asyncio
import hashlib
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edge_hub.clock import ManualClock, SystemClock
from edge_hub.devices.transports import BadUrl, check_url, open_transport, public_url
from edge_hub.devices.transports.tls import HANDSHAKE_LIMIT_S
from edge_hub.sdk.errors import DeviceFault, DeviceLost, ErrorCode

PIN = "ab" * 32


def certificate(subject, key, *, issuer=None, signer=None, days=30):
    """(PEM) of a certificate for DNS name `subject`; an authority's when it signs itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer or name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
        .sign(signer or key, hashes.SHA256())
    )
    return name, built.public_bytes(serialization.Encoding.PEM)


def pem_of(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """An authority, a terminal's certificate under it, one that has expired, and a stranger's."""
    folder = tmp_path_factory.mktemp("tls")
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name, ca_pem = certificate("the shop's authority", ca_key)
    (folder / "ca.pem").write_bytes(ca_pem)
    (folder / "empty.pem").write_bytes(b"nothing of the kind\n")
    files = SimpleNamespace(folder=folder, ca=folder / "ca.pem", pins={})
    for what, days in (("good", 30), ("expired", -1)):
        _, pem = certificate("terminal-1.test", key, issuer=ca_name, signer=ca_key, days=days)
        (folder / f"{what}.pem").write_bytes(pem_of(key) + pem)
        der = x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
        files.pins[what] = hashlib.sha256(der).hexdigest()
    return files


async def echo(reader, writer):
    while data := await reader.read(100_000):
        writer.write(data)
        await writer.drain()


@asynccontextmanager
async def server(papers, handle=echo, *, which="good", plain=False):
    """Serves each connection; yields host and port as in a URL."""
    context = None
    if not plain:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(papers.folder / f"{which}.pem")
    tasks = []

    async def run(reader, writer):
        tasks.append(asyncio.current_task())
        try:
            await handle(reader, writer)
        except OSError:
            pass
        finally:
            writer.transport.abort()

    listening = await asyncio.start_server(run, "127.0.0.1", 0, ssl=context)
    try:
        yield f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def connect(url, clock=None):
    return open_transport(url, clock=clock or SystemClock(), simulators={}, serial_defaults={})


async def works(url):
    wire = await connect(url)
    try:
        await wire.write(b"hello")
        assert await wire.read() == b"hello"
        assert wire.bytes_written == 5
    finally:
        await wire.close()
        await wire.close()
    for act in (wire.read(), wire.write(b"x")):
        with pytest.raises(DeviceLost, match="closed"):
            await act


async def test_an_authority_and_a_name(papers):
    async with server(papers) as place:
        await works(f"tls://{place}?ca={papers.ca}&name=terminal-1.test")
        wire = await connect(f"tls://{place}?ca={papers.ca}&name=terminal-1.test")
        assert wire.url == f"tls://{place}"
        await wire.close()


@pytest.mark.parametrize("which", ["good", "expired"])
async def test_a_pinned_certificate_needs_nobody_else(papers, which):
    async with server(papers, which=which) as place:
        pin = papers.pins[which]
        await works(f"tls://{place}?fingerprint={pin}")
        await works(f"tls://{place}?fingerprint={':'.join(pin[i : i + 2] for i in range(0, 64, 2)).upper()}")


async def test_pinned_and_under_an_authority(papers):
    both = f"?ca={papers.ca}&name=terminal-1.test&fingerprint="
    async with server(papers) as place:
        await works(f"tls://{place}{both}{papers.pins['good']}")
        with pytest.raises(DeviceFault, match="another certificate"):
            await connect(f"tls://{place}{both}{PIN}")


@pytest.mark.parametrize(
    ("which", "query", "why"),
    [
        ("good", "", "not trusted"),
        ("good", "?name=terminal-1.test", "not trusted"),
        ("good", "?ca={ca}", "not trusted: IP address mismatch"),
        ("good", "?ca={ca}&name=terminal-2.test", "not trusted: Hostname mismatch"),
        ("expired", "?ca={ca}&name=terminal-1.test", "expired"),
        ("good", f"?fingerprint={PIN}", "another certificate than the pinned one"),
        ("good", "?ca={folder}/none.pem", "No such file"),
        ("good", "?ca={folder}/empty.pem", "no certificate in PEM"),
    ],
)
async def test_nobody_else_is_spoken_to(papers, which, query, why):
    heard = []

    async def listen(reader, writer):
        heard.append(await reader.read(1))

    async with server(papers, listen, which=which) as place:
        with pytest.raises(DeviceFault, match=why):
            await connect(f"tls://{place}{query.format(ca=papers.ca, folder=papers.folder)}")
    assert not any(heard)


async def test_no_tls_there(papers):
    async def greet(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read(1000)

    async with server(papers, greet, plain=True) as place:
        with pytest.raises(DeviceFault, match="no TLS"):
            await connect(f"tls://{place}?fingerprint={PIN}")


async def test_a_silent_service_is_given_up_by_the_clock(papers, toy):
    clock = ManualClock()

    async def silent(reader, writer):
        await reader.read(-1)

    async with server(papers, silent, plain=True) as place:
        opening = asyncio.create_task(connect(f"tls://{place}?fingerprint={PIN}", clock))
        for _ in range(200):
            await asyncio.sleep(0.001)
            if clock._sleepers and clock._sleepers[0][0] == HANDSHAKE_LIMIT_S:
                break
        while not opening.done():
            await clock.advance(1.0)
            await asyncio.sleep(0)
        with pytest.raises(DeviceLost, match="handshake") as caught:
            await opening
        assert caught.value.error_code is ErrorCode.TIMEOUT


async def test_the_device_says_goodbye(papers):
    async def goodbye(reader, writer):
        writer.write(b"bye")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with server(papers, goodbye) as place:
        wire = await connect(f"tls://{place}?fingerprint={papers.pins['good']}")
        assert await wire.read() == b"bye"
        with pytest.raises(DeviceLost, match="ended the connection"):
            await wire.read()
        await wire.close()


async def test_the_device_is_gone(papers):
    async def gone(reader, writer):
        await reader.read(1)

    async with server(papers, gone) as place:
        wire = await connect(f"tls://{place}?fingerprint={papers.pins['good']}")
        await wire.write(b"x")
        with pytest.raises(DeviceLost):
            await wire.read()
        await wire.close()


async def test_bytes_changed_under_way_are_no_answer(papers):
    async with server(papers) as place:
        wire = await connect(f"tls://{place}?fingerprint={papers.pins['good']}")
        wire._incoming.write(b"\x17\x03\x03\x00\x20" + bytes(32))
        with pytest.raises(DeviceLost, match="TLS failed"):
            await wire.read()
        await wire.close()


async def test_much_both_ways_at_once(papers):
    payload = bytes(range(256)) * 8000
    async with server(papers) as place:
        wire = await connect(f"tls://{place}?fingerprint={papers.pins['good']}")
        writing = asyncio.create_task(wire.write(payload))
        got = bytearray()
        while len(got) < len(payload):
            got += await wire.read()
        await writing
        assert bytes(got) == payload
        await wire.close()


async def test_many_writers_and_a_device_that_must_be_read_first(papers):
    piece, pieces = bytes(100_000), 30
    async with server(papers) as place:
        wire = await connect(f"tls://{place}?fingerprint={papers.pins['good']}")
        writing = [asyncio.create_task(wire.write(piece)) for _ in range(pieces)]
        await wire.write(b"")
        got = 0
        while got < len(piece) * pieces:
            got += len(await wire.read())
        await asyncio.gather(*writing)
        assert wire.bytes_written == got
        await wire.close()


async def test_a_device_that_takes_nothing_makes_the_writer_wait(papers):
    stopped = asyncio.Event()

    async def busy(reader, writer):
        writer.transport.pause_reading()
        await stopped.wait()

    async with server(papers, busy) as place:
        wire = await connect(f"tls://{place}?fingerprint={papers.pins['good']}")
        writing = asyncio.create_task(wire.write(bytes(30_000_000)))
        done, _ = await asyncio.wait({writing}, timeout=0.2)
        assert not done
        writing.cancel()
        stopped.set()
        await asyncio.wait({writing})
        await wire.close()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("tls://", "host"),
        ("tls://h", "port"),
        ("tls://h:1/x", "path"),
        ("tls://h:1?verify=false", "unknown-option"),
        ("tls://h:1?ca=ca.pem", "ca"),
        ("tls://h:1?ca=", "ca"),
        ("tls://h:1?fingerprint=", "fingerprint"),
        ("tls://h:1?fingerprint=abcd", "fingerprint"),
        (f"tls://h:1?fingerprint={'g' * 64}", "fingerprint"),
        ("tls://h:1?name=", "name"),
        ("tls://h:1?name=a/b", "name"),
        (f"tls://h:1?name=x&fingerprint={PIN}", "name"),
        ("tls://u:s3cret@h:1", "credentials"),
    ],
)
def test_bad_urls(url, code):
    with pytest.raises(BadUrl) as caught:
        check_url(url, serial_defaults={})
    assert [fault.code for fault in caught.value.faults] == [code]


def test_good_urls():
    for url in (
        "tls://terminal:8443",
        "tls://[::1]:8443?ca=/etc/edge-hub/ca.pem",
        "tls://10.0.0.5:443?name=p400.test",
        f"tls://10.0.0.5:443?fingerprint={PIN}&ca=/x.pem&name=p400.test",
    ):
        assert check_url(url, serial_defaults={}).public == public_url(url) == url.partition("?")[0]
