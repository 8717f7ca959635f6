"""Devices taken into the configuration of a hub that runs, asked as the console asks."""

import os
import tomllib
from contextlib import asynccontextmanager
from types import SimpleNamespace

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hub.config import ConfigInvalid, load
from edge_hub.daemon import hub
from edge_hub.devices.transports import BadUrl
from edge_hub.services.adoption.files import ADOPTED_NAME, BEFORE_NAME, AdoptedFile, AdoptionAway, toml

CONFIG = """
[store]
id = "s1"
name = "Corner Shop"
currency = "EUR"
timezone = "Europe/Helsinki"
[taxes]
rates = [{ code = "general", name = "VAT", rate = "25.5%" }]
[[tills]]
id = "t1"
name = "Till 1"
receipt_prefix = "A"
printer = "printer-1"
[[devices]]
id = "printer-1"
driver = "escpos"
url = "sim://printer-1"
[network]
listen = ["127.0.0.1"]
port = 0
tls_port = 0
mdns = false
[paths]
data = "data"
backups = "data/backups"
runtime = "run"
[backup]
schedule = ""
[demo]
"""


@pytest.fixture
def config_path(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return path


class Console:
    def __init__(self, session):
        self._session = session

    async def ask(self, method, path, body=None):
        headers = {"Idempotency-Key": os.urandom(8).hex()}
        async with self._session.request(method, f"http://localhost{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json() if answer.content_length else None

    async def until(self, device_id, state):
        for _ in range(400):
            _, device = await self.ask("GET", f"/v1/devices/{device_id}")
            if device.get("state") == state:
                return device
        raise AssertionError(device)


@asynccontextmanager
async def running(config_path):
    config = load(config_path)
    async with hub(config) as opened:
        connector = aiohttp.UnixConnector(str(config.path("run") / "control.sock"))
        async with aiohttp.ClientSession(connector=connector) as session:
            yield Console(session), opened


async def test_a_device_is_adopted_used_changed_and_removed(config_path):
    adopted = config_path.parent / "conf.d" / ADOPTED_NAME
    table = {"id": "kitchen", "driver": "escpos", "url": "sim://kitchen", "options": {"width_dots": 384}}
    async with running(config_path) as (console, opened):
        assert (await console.ask("POST", "/v1/devices", table))[0] == 201
        await console.until("kitchen", "ready")
        assert tomllib.loads(adopted.read_text())["devices"] == [table]
        assert (await console.ask("POST", "/v1/devices", table))[0] == 201, "the same again is no change"
        # its lane runs, too: a page comes out
        _, job = await console.ask("POST", "/v1/devices/kitchen/test")
        for _ in range(400):
            _, job = await console.ask("GET", f"/v1/jobs/{job['id']}")
            if job["state"] == "done":
                break
        assert job["state"] == "done"
        printer = opened.services.devices.get("printer-1")
        status, changed = await console.ask("PATCH", "/v1/devices/kitchen", {"label": "Kitchen", "options": {}})
        assert (status, changed["label"]) == (200, "Kitchen")
        await console.until("kitchen", "ready")
        assert opened.services.devices.get("printer-1") is printer, "the others go on"
        assert tomllib.loads((adopted.parent / BEFORE_NAME).read_text())["devices"] == [table]
        _, job = await console.ask("POST", "/v1/devices/kitchen/test")
        assert (await console.ask("DELETE", "/v1/devices/kitchen"))[0] == 204
        assert (await console.ask("GET", "/v1/devices/kitchen"))[0] == 404
        assert tomllib.loads(adopted.read_text()) == {}
        assert (await console.ask("POST", "/v1/devices", table))[0] == 201
        await console.until("kitchen", "ready")
    async with running(config_path) as (console, _):
        await console.until("kitchen", "ready")


async def test_a_terminals_secret_is_shown_to_nobody(config_path, caplog):
    caplog.set_level(0)
    secret = "correct horse battery staple"
    (config_path.parent / "passphrase").write_text(secret)
    options = {"poi_id": "V400m-1", "key_identifier": "shop"}
    terminals = (
        {"id": "card-1", "driver": "adyen", "url": "sim://card-1", "options": {**options, "passphrase": secret}},
        {
            "id": "card-2",
            "driver": "adyen",
            "url": "sim://card-2",
            "options": {**options, "passphrase_file": "passphrase"},
        },
    )
    async with running(config_path) as (console, opened):
        for table in terminals:
            answers = [await console.ask("POST", "/v1/devices", table)]
            assert answers[0][0] == 201
            await console.until(table["id"], "ready")
            wrong = {**table, "id": "card-3", "options": {**table["options"], "key_version": -1}}
            for method, path, body in (
                ("GET", f"/v1/devices/{table['id']}", None),
                ("GET", "/v1/devices", None),
                ("GET", f"/v1/devices/{table['id']}/simulator", None),
                ("PATCH", f"/v1/devices/{table['id']}", {"label": "Card"}),
                ("POST", "/v1/devices", wrong),
                ("GET", "/v1/journal", None),
            ):
                answers.append(await console.ask(method, path, body))
            assert secret not in repr(answers)
        # the path is the hub's, wherever it was started
        (config,) = (one for one in opened.services.devices.configs if one.id == "card-2")
        assert config.options["passphrase_file"] == str(config_path.parent / "passphrase")
    assert secret not in caplog.text


async def test_what_is_wrong_changes_nothing(config_path):
    good = {"id": "scan", "driver": "serial_scanner", "url": "sim://scan"}
    async with running(config_path) as (console, _):
        for body, code, pointer in (
            ({**good, "driver": "no-such"}, "device-driver-unavailable", "/driver"),
            ({**good, "options": {"sufix": "cr"}}, "device-options-invalid", "/options/sufix"),
            ({**good, "url": "nowhere://x"}, "device-url-invalid", "/url"),
            ({**good, "url": "usb://04b8:0202"}, "device-url-invalid", "/url"),
            ({**good, "url": "sim://printer-1"}, "config-invalid", "devices[1].url"),
            ({**good, "id": "Bad Id"}, "invalid-request", "/id"),
        ):
            status, problem = await console.ask("POST", "/v1/devices", body)
            assert (status, problem["type"]) == (422 if code != "invalid-request" else status, f"/problems/{code}")
            assert problem["faults"][0]["pointer"].endswith(pointer), problem
        for method, path, body, code in (
            ("POST", "/v1/devices", {**good, "id": "printer-1"}, "device-exists"),
            ("PATCH", "/v1/devices/printer-1", {"label": "x"}, "device-not-adopted"),
            ("DELETE", "/v1/devices/printer-1", None, "device-not-adopted"),
            ("DELETE", "/v1/devices/none", None, "device-not-found"),
        ):
            _, problem = await console.ask(method, path, body)
            assert problem["type"] == f"/problems/{code}"
        assert not (config_path.parent / "conf.d").exists()
        (config_path.parent / "conf.d").mkdir()
        (config_path.parent / "conf.d" / "90-till.toml").write_text(
            '[[tills]]\nid = "t2"\nname = "2"\nreceipt_prefix = "B"\nscanner = "scan"\n'
        )
        assert (await console.ask("POST", "/v1/devices", good))[0] == 201
        status, problem = await console.ask("DELETE", "/v1/devices/scan")
        assert (status, problem["type"]) == (422, "/problems/config-invalid"), "a till needs it"
        assert (await console.ask("GET", "/v1/devices/scan"))[0] == 200


async def test_a_search_answers(config_path):
    async with running(config_path) as (console, _):
        status, answer = await console.ask("POST", "/v1/devices/found", {"network": False})
        assert status == 200
        assert isinstance(answer["found"], list)


def test_a_folder_that_may_not_be_written_to(config_path):
    file = AdoptedFile(config_path, lambda _: None)
    (config_path.parent / "conf.d").write_text("in the way")
    with pytest.raises(AdoptionAway):
        file.write([])


def test_a_file_that_is_not_ours_is_left_alone(config_path):
    file = AdoptedFile(config_path, lambda _: None)
    assert file.read() == []
    file.path.parent.mkdir()
    for text in ("[store]\nname = 1\n", "devices = 1\n", "not toml"):
        file.path.write_text(text)
        with pytest.raises(ConfigInvalid):
            file.read()


def test_a_refused_file_is_never_seen(config_path):
    def check(_config):
        raise ConfigInvalid("no")

    file = AdoptedFile(config_path, check)
    with pytest.raises(ConfigInvalid):
        file.write([{"id": "a", "driver": "escpos", "url": "sim://a"}])
    assert not file.path.exists()
    assert list(config_path.parent.iterdir()) == [config_path]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15) | TEXT | st.lists(TEXT, max_size=3)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"id": TEXT, "driver": TEXT, "url": TEXT, "label": TEXT},
            optional={"options": st.dictionaries(TEXT, VALUES, min_size=1, max_size=4)},
        ),
        max_size=4,
    )
)
def test_what_is_written_is_read(devices):
    assert tomllib.loads(toml(devices)).get("devices", []) == devices


FILES = (
    "file://{folder}/data/journal.sqlite", "file://{folder}/conf.d/99.toml?create=true", "file:///dev/fd/1",
    "file:///dev/../etc/passwd", "file:///dev/shm/x?create=true", "serial://{folder}/config.toml",
)  # fmt: skip


async def test_a_tablet_cannot_have_the_hub_write_to_its_files(config_path):
    tablet = SimpleNamespace(local=False, require=lambda _: None)
    table = {"id": "x", "driver": "serial_drawer", "url": "file:///dev/usb/lp9", "options": {"pulse_hex": "07"}}
    async with running(config_path) as (_, opened):
        adoption = opened.services.adoption
        await adoption.adopt(tablet, table)
        for url in (one.format(folder=config_path.parent) for one in FILES):
            with pytest.raises(BadUrl):
                await adoption.adopt(tablet, table | {"id": "y", "url": url})
            with pytest.raises(BadUrl):
                await adoption.change(tablet, "x", {"url": url})
        assert adoption._devices.snapshot("x").url == table["url"]
