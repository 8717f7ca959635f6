"""The daemon as a process of its own: its configuration, its life and death, its log, its files."""

import asyncio
import contextlib
import csv
import json
import os
import re
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parents[2]
READY_S = 60.0
END_S = 40.0
"""For a hub to end by itself: its own stages have limits that add up to less."""
LINE_S = 60.0
CALL_S = 30.0
LOG_LINE_BYTES_MAX = 1 << 20
PRICE_MINOR = 250
PRODUCTS = 20
PIN = "2580"
OWNER = "Aino"
TILLS = ("till-1", "till-2")

CONFIG = """
[store]
id = "e2e"
name = "Shop"
currency = "EUR"
timezone = "Europe/Helsinki"

[[taxes.rates]]
code = "general"
name = "VAT 25.5 %"
rate = "25.5%"

{tills}
{devices}
[network]
listen = ["127.0.0.1"]
port = {port}
tls_port = 0
mdns = false

[paths]
data = "data"
backups = "backups"
runtime = "run"

[limits]
requests_per_s = 100000
{limits}
[backup]
schedule = ""

[demo]
catalogue = "products.csv"

[[demo.staff]]
name = "Aino"
role = "owner"
pin = "2580"
"""
TILL = """
[[tills]]
id = "{id}"
name = "{id}"
receipt_prefix = "{prefix}"
"""
DEVICE = """
[[devices]]
id = "{id}"
driver = "{driver}"
url = "{url}"
options = {{ {options} }}
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def ean(number: int) -> str:
    body = f"952{number:09d}"
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(body))
    return body + str(-total % 10)


BARCODES = tuple(ean(number) for number in range(PRODUCTS))


def printer(url: str, **options: str) -> dict[str, Any]:
    return {"driver": "escpos", "url": url, "options": {"drawer_open_level": '"high"'} | options}


class Hub:
    """`devices` maps an id to its driver, url and options; the printer "<till>-printer" belongs to that till."""

    def __init__(
        self,
        folder: Path,
        devices: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        limits: str = "",
        environment: Mapping[str, str] | None = None,
        wrapper: tuple[str, ...] = (),
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.config = folder / "config.toml"
        self.environment = dict(environment or {})
        self.wrapper = wrapper
        self.lines: list[dict[str, Any]] = []
        self.lives = 0
        """How often it was started."""
        self.up = asyncio.Event()
        self.down = asyncio.Event()
        self.program: tuple[str, ...] = (sys.executable, "-m", "edge_hub.cli", "run")
        self._process: Any = None
        self._following: asyncio.Task[None] | None = None
        self._line = asyncio.Condition()
        folder.mkdir(parents=True, exist_ok=True)
        self.write_config(devices or {}, limits)
        with (folder / "products.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["sku", "name", "price", "tax_code", "barcodes", "category"])
            for number, code in enumerate(BARCODES):
                rows.writerow([f"P{number:03d}", f"Product {number}", "2.50", "general", code, "goods"])

    def write_config(self, devices: Mapping[str, Mapping[str, Any]], limits: str = "") -> None:
        tills = ""
        for prefix, till in zip("AB", TILLS, strict=True):
            tills += TILL.format(id=till, prefix=f"{prefix}-")
            if f"{till}-printer" in devices:
                tills += f'printer = "{till}-printer"\ndrawer = "{till}-printer"\n'
        described = "".join(
            DEVICE.format(
                id=name, driver=one["driver"], url=one["url"],
                options=", ".join(f"{key} = {value}" for key, value in one.get("options", {}).items()),
            )
            for name, one in devices.items()
        )  # fmt: skip
        self.config.write_text(
            CONFIG.format(port=self.port, tills=tills, devices=described, limits=limits), encoding="utf-8"
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def journal(self) -> Path:
        return self.folder / "data" / "journal.sqlite"

    @property
    def pid(self) -> int:
        """Of the daemon, also when it runs under a wrapper."""
        assert self._process is not None
        return self._child(self._process.pid) if self.wrapper else self._process.pid

    @property
    def writer_pid(self) -> int:
        return int(Path(f"{self.journal}.lock").read_text())

    @staticmethod
    def _child(pid: int) -> int:
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    # its life

    async def spawn(self) -> None:
        """Start the process, and do not wait until it is ready."""
        assert self._process is None
        self._process = await self._launched()
        self.lives += 1
        self.down.clear()
        self._following = asyncio.create_task(self._follow(self._process), name="the hub's log")

    async def _launched(self) -> Any:
        return await asyncio.create_subprocess_exec(
            *self.wrapper, *self.program, "--config", str(self.config),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            cwd=ROOT, env=os.environ | self.environment, limit=LOG_LINE_BYTES_MAX,
        )  # fmt: skip

    async def start(self) -> None:
        first = len(self.lines)
        await self.spawn()
        await self.logged(lambda line: line["event"] == "ready", first)

    async def _follow(self, process: Any) -> None:
        assert process.stderr is not None
        with (self.folder / "hub.log").open("ab") as file:
            while raw := await process.stderr.readline():
                file.write(raw)
                try:
                    line = json.loads(raw)
                except ValueError:
                    line = {"event": raw.decode(errors="replace").rstrip(), "level": "plain"}
                await self._tell(line)
        self._gone()
        await self._tell({"event": "ended", "level": "test"})

    async def _tell(self, line: dict[str, Any]) -> None:
        if line["event"] == "ready":
            self.up.set()
        async with self._line:
            self.lines.append(line)
            self._line.notify_all()

    async def logged(self, wanted: Callable[[dict[str, Any]], object], first: int = 0) -> dict[str, Any]:
        """The first log line from `first` on that is wanted, waiting for it; the hub's end is an error unless wanted."""
        at = first
        async with asyncio.timeout(max(READY_S, LINE_S)), self._line:
            while True:
                for line in self.lines[at:]:
                    if wanted(line):
                        return line
                    assert line["event"] != "ended", "\n".join(str(one) for one in self.lines[-20:])
                at = len(self.lines)
                await self._line.wait()

    def said(self, words: str, first: int = 0) -> list[dict[str, Any]]:
        return [line for line in self.lines[first:] if words in line["event"]]

    def send(self, number: signal.Signals) -> None:
        self._gone()
        os.kill(self.pid, number)

    def kill_writer(self) -> None:
        os.kill(self.writer_pid, signal.SIGKILL)

    def _gone(self) -> None:
        self.up.clear()
        self.down.set()

    async def ended(self) -> int:
        """Wait for the process to end; its exit status (negative: the signal)."""
        assert self._process is not None
        assert self._following is not None
        async with asyncio.timeout(END_S):
            status = await self._process.wait()
            await self._following
        self._process = self._following = None
        return status

    async def kill(self) -> None:
        self.send(signal.SIGKILL)
        assert await self.ended() == -signal.SIGKILL

    async def stop(self) -> None:
        if self._process is not None:
            self.send(signal.SIGTERM)
            assert await self.ended() == 0

    async def close(self) -> None:
        """However the test ended: nothing of the hub is left."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, IndexError, FileNotFoundError):
            self.send(signal.SIGTERM)
        try:
            await self.ended()
        except TimeoutError:
            self._process.kill()
            await self.ended()

    # its commands and files

    async def command(self, *words: str, status: int = 0) -> tuple[str, str]:
        """`edge-hub <words> --config ...`: standard output and error."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "edge_hub.cli", *words, "--config", str(self.config),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=ROOT,
        )  # fmt: skip
        async with asyncio.timeout(READY_S):
            out, err = await process.communicate()
        assert process.returncode == status, err.decode()
        return out.decode(), err.decode()

    async def json_command(self, *words: str) -> Any:
        out, _ = await self.command(*words, "--json")
        return json.loads(out)

    def rows(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        """From the file itself, whether the hub runs or not."""
        with contextlib.closing(sqlite3.connect(f"{self.journal.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, params).fetchall()

    @asynccontextmanager
    async def console(self) -> AsyncIterator[aiohttp.ClientSession]:
        """The hub's own console: the unix socket."""
        connector = aiohttp.UnixConnector(path=str(self.folder / "run" / "control.sock"))
        async with aiohttp.ClientSession(
            "http://localhost", connector=connector, timeout=aiohttp.ClientTimeout(total=CALL_S)
        ) as session:
            yield session


def tracebacks(hub: Hub) -> list[str]:
    """What in the log looks like a fault in the hub's own code."""
    return [str(line) for line in hub.lines if "Traceback" in str(line) or re.search(r"\bfailed$", line["event"])]
