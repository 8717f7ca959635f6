"""HTTP/1.1 on a Transport, in the little that devices need, both ways, every size bounded (RFC 9112). Over tls:// it is
HTTPS.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from edge_hub.sdk.driver import DriverClock
from edge_hub.sdk.errors import BadFrame, DeviceLost, DeviceTimeout
from edge_hub.sdk.tasks import end
from edge_hub.sdk.timing import deadline
from edge_hub.sdk.transport import Transport

HEAD_BYTES_MAX = 8192
CHUNK_LINE_BYTES_MAX = 64


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response: the three words of its first line, headers by lower-case name, the body."""

    start: tuple[str, str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def closes(self) -> bool:
        """The sender ends the connection behind this message."""
        connection = self.headers.get("connection", "").lower()
        return "close" in connection or (self.start[0] == "HTTP/1.0" and "keep-alive" not in connection)


def host_of(url: str) -> str:
    """The Host header for a transport's address."""
    return urlsplit(url).netloc or "device"


def encode(start: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """One message with its length."""
    lines = [start, *(f"{name}: {value}" for name, value in headers.items()), f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


class Parser:
    """Messages out of bytes, however torn. Raises BadFrame for what is no HTTP; it is of no use after that."""

    def __init__(self, body_bytes_max: int) -> None:
        self._limit = body_bytes_max
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Messages completed by `data`."""
        self._held += data
        found = []
        while (message := self._next()) is not None:
            found.append(message)
        return found

    def _next(self) -> Message | None:
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            if len(self._held) > HEAD_BYTES_MAX:
                raise BadFrame("an HTTP head without end")
            return None
        if end > HEAD_BYTES_MAX:
            raise BadFrame("an HTTP head too long")
        start, headers = _head(bytes(self._held[:end]))
        if start[0].startswith("HTTP/") and start[1] == "100":
            del self._held[: end + 4]
            return self._next()
        chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        taken = self._chunked(end + 4) if chunked else self._counted(end + 4, headers)
        if taken is None:
            return None
        body, size = taken
        del self._held[:size]
        return Message(start, headers, body)

    def _counted(self, at: int, headers: Mapping[str, str]) -> tuple[bytes, int] | None:
        digits = headers.get("content-length", "")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 9):  # noqa: PLR2004  # below any limit here
            raise BadFrame("an HTTP message without a length")
        size = int(digits)
        if size > self._limit:
            raise BadFrame(f"an HTTP body of {size} bytes")
        return (bytes(self._held[at : at + size]), at + size) if len(self._held) >= at + size else None

    def _chunked(self, at: int) -> tuple[bytes, int] | None:
        body = bytearray()
        while True:
            end = self._held.find(b"\r\n", at, at + CHUNK_LINE_BYTES_MAX)
            if end < 0:
                if len(self._held) >= at + CHUNK_LINE_BYTES_MAX:
                    raise BadFrame("an HTTP chunk without a size")
                return None
            size = _hexadecimal(bytes(self._held[at:end]).split(b";")[0].strip())
            if len(body) + size > self._limit:
                raise BadFrame("an HTTP body too long")
            if len(self._held) < end + 2 + size + 2:
                return None
            body += self._held[end + 2 : end + 2 + size]
            at = end + 2 + size + 2
            if self._held[at - 2 : at] != b"\r\n":
                raise BadFrame("an HTTP chunk longer than it said, or trailers")
            if size == 0:
                return bytes(body), at


def _hexadecimal(digits: bytes) -> int:
    if not digits or len(digits) > 6 or any(digit not in b"0123456789abcdefABCDEF" for digit in digits):  # noqa: PLR2004  # 16 MiB
        raise BadFrame("an HTTP chunk without a size")
    return int(digits, 16)


def _head(head: bytes) -> tuple[tuple[str, str, str], dict[str, str]]:
    try:
        first, *lines = head.decode("ascii").split("\r\n")
    except UnicodeDecodeError as error:
        raise BadFrame("an HTTP head that is no text") from error
    words = first.split(" ", 2)
    if len(words) == 2:  # noqa: PLR2004  # a response without a reason
        words.append("")
    if len(words) != 3 or not (words[0] in {"HTTP/1.1", "HTTP/1.0"} or words[2] in {"HTTP/1.1", "HTTP/1.0"}):  # noqa: PLR2004  # a first line
        raise BadFrame("not HTTP")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip() or name.lower() in headers:
            raise BadFrame("a broken HTTP header")
        headers[name.lower()] = value.strip()
    return (words[0], words[1], words[2]), headers


class HttpLink:
    """Requests and answers with a device's web server, one at a time on one connection, which it owns. An answer late
    or broken puts the connection out of step: it is given up.
    """

    def __init__(self, transport: Transport, clock: DriverClock, *, answer_bytes_max: int) -> None:
        self.transport = transport
        self._clock = clock
        self._parser = Parser(answer_bytes_max)
        self._lost: DeviceLost | None = None
        self.orderly = False
        """It ended between an answer and the next question, as web servers do with idle connections."""
        self._ended = asyncio.Event()
        self._waiting: asyncio.Future[Message] | None = None
        self._turn = asyncio.Lock()

    async def read(self) -> None:
        """Read until the connection ends; raises DeviceLost."""
        try:
            while self._lost is None:
                for message in self._parser.feed(await self.transport.read()):
                    self._take(message)
        except BadFrame as error:
            self.give_up(error.detail)
        except DeviceLost as error:
            self.orderly = self._lost is None and (self._waiting is None or self._waiting.done())
            self._give_up(error)
        raise self._lost or DeviceLost(self.transport.url)

    @property
    def lost(self) -> DeviceLost | None:
        """Why it is of no more use; None while it is."""
        return self._lost

    def _take(self, message: Message) -> None:
        if self._waiting is None or self._waiting.done():
            raise BadFrame("an answer to no question")
        self._waiting.set_result(message)
        if message.closes:
            raise DeviceLost(f"{self.transport.url}: the device closes its connection after each answer")

    def give_up(self, why: str) -> None:
        """The connection is of no more use."""
        self._give_up(DeviceLost(f"{self.transport.url}: {why}"))

    def _give_up(self, error: DeviceLost) -> None:
        self._lost = self._lost or error
        self._ended.set()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(DeviceLost(self._lost.detail))

    async def ended(self) -> None:
        """Wait until the connection is of no more use; raises DeviceLost."""
        await self._ended.wait()
        raise self._lost or DeviceLost(self.transport.url)

    async def exchange(self, request: bytes, seconds: float) -> Message:
        """Send, and the response. Raises DeviceTimeout without one in time, DeviceLost."""
        async with self._turn:
            if self._lost is not None:
                raise DeviceLost(self._lost.detail)
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                async with deadline(self._clock, seconds):
                    await self.transport.write(request)
                    return await self._waiting
            except TimeoutError as error:
                self.give_up(f"no answer for {seconds:.0f} s")
                raise DeviceTimeout(f"the device's web server does not answer for {seconds:.0f} s") from error
            except asyncio.CancelledError:
                # its answer would be taken for the next question's
                self.give_up("a question was given up")
                raise
            finally:
                await end(self._waiting)
