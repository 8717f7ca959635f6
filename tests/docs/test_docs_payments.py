"""The payments' commands against the running demo: its simulated card terminals and its control socket."""

import http.client
import json
import socket
import subprocess
import time
import uuid
from typing import Any

import pytest
from docs_hub import DemoHub

from edge_hub.config import load

OUTCOME_S = 30
LOOK_S = 0.1


class _Unix(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


def ask(hub: DemoHub, path: str, body: object) -> dict[str, Any]:
    config = load(hub.config)
    connection = _Unix(str(config.path(config.tables.paths.runtime) / "control.sock"))
    headers = {"Content-Type": "application/json", "If-Match": "*", "Idempotency-Key": str(uuid.uuid4())}
    connection.request("POST", path, json.dumps(body), headers)
    answer = connection.getresponse()
    found: dict[str, Any] = json.loads(answer.read())
    connection.close()
    assert answer.status < 300, found
    return found


def payment(hub: DemoHub, payment_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(hub.command("payments", "show", payment_id, "--json"))
    return found


def pay(hub: DemoHub, provider: str, method: str, until: str) -> dict[str, Any]:
    """One article; the payment once it is in the state `until`."""
    basket = ask(hub, "/v1/baskets", {"till": "till-2"})
    basket = ask(hub, f"/v1/baskets/{basket['id']}/lines", {"barcode": "9521234000174"})
    body = {"provider": provider, "method": method, "amount": basket["due"]}
    begun = ask(hub, f"/v1/baskets/{basket['id']}/payments", body)["payment"]
    limit = time.monotonic() + OUTCOME_S
    while (found := payment(hub, begun["id"]))["state"] != until:
        assert time.monotonic() < limit, found
        time.sleep(LOOK_S)
    return found


def test_a_card_is_paid_with_given_back_and_the_day_closed(hub: DemoHub) -> None:
    paid = pay(hub, "terminal-2", "terminal", "approved")
    assert paid["sale_id"]
    assert paid["id"] in hub.command("payments", "list")
    back = json.loads(hub.command("payments", "give-back", paid["id"], "--yes", "--json"))
    assert (back["kind"], back["outcome"], back["original_id"]) == ("void", "approved", paid["id"])
    pay(hub, "terminal-2", "terminal", "approved")
    shown = hub.command("settle", "terminal-2")
    assert shown.startswith("terminal-2 is settled: its totals are the journal's.\n")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        hub.command("payments", "give-back", paid["id"], "--yes")
    assert refused.value.returncode == 1
    assert refused.value.stderr.splitlines() == [
        "This payment cannot be given back.", "How it stands: edge-hub payments show PAYMENT",
    ]  # fmt: skip


def test_a_terminal_of_its_own_takes_a_persons_word(hub: DemoHub) -> None:
    waiting = pay(hub, "", "standalone", "manual")
    assert "payments to look into: 1" in hub.command("status")
    assert waiting["id"] in hub.command("payments", "list", "--unresolved")
    shown = hub.command("payments", "resolve", waiting["id"], "--paid", "--slip", "000123")
    assert "slip 000123" in shown
    assert hub.command("payments", "list", "--unresolved") == "Nothing is in doubt.\n"
