"""The HTTP of wallets: what left, what did not, and limits on everything."""

import asyncio
import ssl
import tempfile
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edge_hub.clock import ManualClock
from edge_hub.sdk.errors import BadFrame, DeviceFault, DeviceLost, DeviceRefused, DeviceTimeout, ErrorCode
from edge_hub.sdk.testing import until
from edge_hub.sdk.wallets.http import BODY_BYTES_MAX, Call, Http
from edge_hub.sdk.wallets.options import client_tls, read_secret

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


class Server:
    """Answers each connection with `answer` after it has the request, or never."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = []
        self.connections = 0
        self.port = 0
        self.url = ""

    @asynccontextmanager
    async def serving(self, tls=None):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/pay?a=%2B1"
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()

    async def _serve(self, reader, writer):
        self.connections += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(head)
            if self.answer is not None:
                writer.write(self.answer)
                await writer.drain()
            else:
                await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def ask(url, *, sent=None, clock=None, tls=None, body=b"x"):
    clock = clock or ManualClock()
    marks = [] if sent is None else sent
    async with Http.opened(clock, connect_s=5.0, read_s=10.0, tls=tls) as http:
        call = Call(method="POST", url=url, body=body)
        return await until(clock, http.send(call, sent=lambda: marks.append("sent")), limit_s=60.0)


async def test_an_answer_and_the_moment_of_sending():
    sent = []
    async with Server(OK).serving() as server:
        assert await ask(server.url, sent=sent) == b"hi"
    assert sent == ["sent"]
    assert server.requests[0].startswith(b"POST /pay?a=%2B1 HTTP/1.1\r\n")
    assert b"Cookie" not in server.requests[0]


async def test_each_request_has_its_own_connection():
    async with Server(OK).serving() as server, Http.opened(ManualClock(), connect_s=5, read_s=5) as http:
        for _ in range(3):
            await http.send(Call(method="GET", url=server.url))
    assert server.connections == 3


async def test_refused_when_nobody_listens():
    async with Server(OK).serving() as server:
        url = server.url
    sent = []
    with pytest.raises(DeviceRefused, match="Connect") as caught:
        await ask(url, sent=sent)
    assert (caught.value.error_code, sent) == (ErrorCode.OFFLINE, [])


async def test_refused_when_the_name_is_unknown(monkeypatch):
    async def unknown(*_, **__):
        raise OSError(None, "no such name")

    monkeypatch.setattr("aiohttp.connector.DefaultResolver.resolve", unknown)
    with pytest.raises(DeviceRefused) as caught:
        async with Http.opened(ManualClock(), connect_s=5, read_s=5) as http:
            await http.send(Call(method="GET", url="http://nobody.invalid/"))
    assert caught.value.error_code is ErrorCode.OFFLINE


async def test_refused_when_the_connection_takes_too_long(monkeypatch):
    async def never(*_, **__):
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr("aiohttp.connector.aiohappyeyeballs.start_connection", never)
    clock, sent = ManualClock(), []
    with pytest.raises(DeviceRefused, match="5 s"):
        await ask("http://127.0.0.1:9/", clock=clock, sent=sent)
    assert 5 <= clock.monotonic() < 6
    assert sent == []


async def test_refused_when_the_server_is_not_who_it_should_be():
    certificate = Certificate()
    async with Server(OK).serving(certificate.server()) as server:
        with pytest.raises(DeviceRefused):
            await ask(server.url)
    assert server.requests == []


async def test_a_timeout_when_no_answer_comes():
    clock, sent = ManualClock(), []
    async with Server(None).serving() as server:
        with pytest.raises(DeviceTimeout):
            await ask(server.url, clock=clock, sent=sent)
    assert 10 <= clock.monotonic() < 12
    assert sent == ["sent"]


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200"]
)
async def test_lost_when_the_answer_is_torn_or_none(answer):
    async with Server(answer).serving() as server:
        with pytest.raises(DeviceLost):
            await ask(server.url)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (BODY_BYTES_MAX + 1) + b"x" * (BODY_BYTES_MAX + 1),
    ],
)
async def test_a_bad_frame_when_it_is_no_answer_of_the_provider(answer):
    async with Server(answer).serving() as server:
        with pytest.raises(BadFrame):
            await ask(server.url)
    assert server.connections == 1


async def test_the_merchants_certificate_is_shown(tmp_path):
    ours, theirs = Certificate(), Certificate()
    (tmp_path / "cert.pem").write_bytes(ours.pem)
    (tmp_path / "key.pem").write_bytes(ours.key_pem)
    wanting = theirs.server()
    wanting.verify_mode = ssl.CERT_REQUIRED
    wanting.load_verify_locations(cadata=ours.pem.decode())
    wanting.maximum_version = ssl.TLSVersion.TLSv1_2  # in 1.3 the client only learns of it after it has sent
    async with Server(OK).serving(wanting) as server:
        tls = client_tls(str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
        tls.load_verify_locations(cadata=theirs.pem.decode())
        assert await ask(server.url, tls=tls) == b"hi"
        bare = ssl.create_default_context(cadata=theirs.pem.decode())
        with pytest.raises(DeviceRefused):
            await ask(server.url, tls=bare)


def test_secrets(tmp_path):
    file = tmp_path / "secret"
    for wrong in (None, b"", b" \n", b"\xff"):
        if wrong is not None:
            file.write_bytes(wrong)
        with pytest.raises(DeviceFault) as caught:
            read_secret(str(file))
        assert caught.value.error_code is ErrorCode.ILLEGAL
    file.write_text("abc\n")
    assert read_secret(str(file)) == "abc"
    with pytest.raises(DeviceFault, match="no certificate"):
        client_tls(str(file), str(file))


def test_a_call_tells_no_secrets():
    call = Call(method="POST", url="https://example.org/pay?sign=secret", headers={"X": "secret"}, body=b"secret")
    assert repr(call) == "Call(POST /pay)"


class Certificate:
    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        signed = builder.add_extension(names, critical=False).sign(self.key, hashes.SHA256())
        self.pem = signed.public_bytes(serialization.Encoding.PEM)
        self.key_pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def server(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as place:
            (Path(place) / "c").write_bytes(self.pem + self.key_pem)
            context.load_cert_chain(Path(place) / "c")
        return context
