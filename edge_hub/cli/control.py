"""Speaking to the running hub: the same API as everyone's, through the socket only its operator can open."""

import http.client
import json
import socket
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from edge_hub.cli.output import fail, load_config, said

ANSWER_TIMEOUT_S = 30.0
ANSWER_BYTES_MAX = 16 << 20
SOCKET_NAME = "control.sock"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=ANSWER_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class Control:
    """Requests to the hub of one configuration."""

    def __init__(self, config_path: str, hints: Mapping[str, str] | None = None) -> None:
        """`hints`: by a problem's code, what to do about it here."""
        self._hints = hints or {}
        self.config = load_config(config_path)
        self._socket = self.config.path(self.config.tables.paths.runtime) / SOCKET_NAME

    def running(self) -> bool:
        """Whether a hub answers there."""
        try:
            connection = _UnixConnection(self._socket)
            connection.connect()
        except OSError:
            return False
        connection.close()
        return True

    def get(self, path: str) -> Any:
        return self._ask("GET", path, None)

    def send(self, method: str, path: str, body: object = None) -> Any:
        """A command, under a key of its own."""
        return self._ask(method, path, json.dumps(body if body is not None else {}).encode())

    def stream(self, path: str, body: bytes, content_type: str) -> Iterator[dict[str, Any]]:
        """A long command whose answer comes as JSON lines while it works."""
        response = self._request("POST", path, body, content_type)
        if response.status >= http.HTTPStatus.BAD_REQUEST:
            self._refused(response)
        for line in response:
            yield json.loads(line)

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        response = self._request(method, path, body, "application/json")
        if response.status >= http.HTTPStatus.BAD_REQUEST:
            self._refused(response)
        payload = response.read(ANSWER_BYTES_MAX)
        return json.loads(payload) if payload else None

    def _request(self, method: str, path: str, body: bytes | None, content_type: str) -> http.client.HTTPResponse:
        connection = _UnixConnection(self._socket)
        # in English, as all else the commands say
        headers = {"Accept": "application/json", "Accept-Language": "en", "Connection": "close"}
        if body is not None:
            headers |= {"Content-Type": content_type, "Idempotency-Key": str(uuid.uuid4())}
        try:
            connection.request(method, path, body, headers)
            return connection.getresponse()
        except (FileNotFoundError, ConnectionRefusedError):
            fail(f"The hub is not running (nothing listens at {self._socket}).\nStart it: systemctl start edge-hub", 69)
        except PermissionError:
            fail(f"You may not speak to the hub ({self._socket}). Run this as root or as the user edge-hub.", 77)
        except TimeoutError:
            fail(f"The hub did not answer within {ANSWER_TIMEOUT_S:.0f} s. See: edge-hub doctor", 75)

    def _refused(self, response: http.client.HTTPResponse) -> None:
        try:
            problem = json.loads(response.read(ANSWER_BYTES_MAX))
        except ValueError:
            fail(f"The hub answered {response.status} {response.reason}.")
        lines = [said(problem.get("title", response.reason), problem.get("detail", ""))]
        lines += [f"  {fault['pointer']}: {fault['message']}" for fault in problem.get("faults", ())]
        lines.append(self._hints.get(problem.get("type", "").rpartition("/")[2], ""))
        fail("\n".join(filter(None, lines)))
