"""Being found, between real hosts: network namespaces joined by a bridge, made and removed here."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from edge_hub import discovery
from edge_hub.clock import SystemClock

HOST = Path(__file__).with_name("lan_host.py")
pytestmark = pytest.mark.e2e
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces take root")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextmanager
def _lan(*hosts: str):
    """Namespaces `hosts` on one bridge inside a namespace of its own, with the addresses 10.77.0.1, .2, ..."""
    tag = f"eh{os.getpid()}"
    with ExitStack() as stack:
        switch = f"{tag}sw"
        _ip("netns", "add", switch)
        stack.callback(_ip, "netns", "del", switch)
        _ip("-n", switch, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        _ip("-n", switch, "link", "set", "br0", "up")
        for number, host in enumerate(hosts, 1):
            name = f"{tag}{host}"
            _ip("netns", "add", name)
            stack.callback(_ip, "netns", "del", name)
            _ip("-n", switch, "link", "add", f"v{host}", "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("-n", switch, "link", "set", f"v{host}", "master", "br0", "up")
            _ip("-n", name, "address", "add", f"10.77.0.{number}/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "lo", "up")
            _ip("-n", name, "link", "set", "eth0", "up")
            _ip("-n", name, "route", "add", "default", "dev", "eth0")
        yield {host: f"{tag}{host}" for host in hosts}


@contextmanager
def _announcing(namespace: str, hub_id: str, store: str):
    command = ["ip", "netns", "exec", namespace, sys.executable, HOST, "announce", hub_id, store]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout.readline() == "announced\n"
        yield host
        host.stdin.close()
        assert host.wait(10) == 0


def _find(namespace: str, seconds: float = 1.5) -> list[dict]:
    command = ["ip", "netns", "exec", namespace, sys.executable, HOST, "find", str(seconds)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@needs_root
def test_a_tablet_finds_the_hub_and_where_its_till_is():
    with _lan("hub", "tab") as lan, _announcing(lan["hub"], "0190-aaaa-12345678", "街角商店"):
        (found,) = _find(lan["tab"])
    assert found["kind"] == "hub"
    assert found["name"] == "街角商店 12345678"
    assert found["url"] == "http://10.77.0.1:8700/till/"
    assert dict(found["txt"]) == {
        "id": "0190-aaaa-12345678",
        "store": "街角商店",
        "version": "1",
        "api": "/v1",
        "tls": "8743",
        "fp": "ab",
    }


@needs_root
def test_two_hubs_of_one_name_are_both_found():
    with (
        _lan("one", "two", "tab") as lan,
        _announcing(lan["one"], "same-id-11111111", "Shop"),
        _announcing(lan["two"], "same-id-11111111", "Shop"),
    ):
        found = _find(lan["tab"])
    assert {one["addresses"][0] for one in found} == {"10.77.0.1", "10.77.0.2"}
    assert len({one["name"] for one in found}) == 2
    assert all(len(one["addresses"]) == 1 for one in found), "a twin's addresses are mixed in"


@needs_root
def test_a_changed_address_is_announced():
    with _lan("hub", "tab") as lan, _announcing(lan["hub"], "id-22222222", "Shop"):
        _ip("-n", lan["hub"], "address", "del", "10.77.0.1/24", "dev", "eth0")
        _ip("-n", lan["hub"], "address", "add", "10.77.0.99/24", "dev", "eth0")
        _ip("-n", lan["hub"], "route", "replace", "default", "dev", "eth0")
        for _ in range(5):
            found = _find(lan["tab"])
            if found and found[0]["addresses"] == ["10.77.0.99"]:
                break
    assert [one["addresses"] for one in found] == [["10.77.0.99"]]


async def test_on_loopback_too():
    announcement = discovery.Announcement(
        hub_id="loop-33333333", store="Loop", version="1", port=1, tls_port=0, fingerprint=""
    )
    async with _running(discovery.Announcer(announcement, SystemClock(), ["127.0.0.1"])):
        found = await discovery.find(1.0, SystemClock(), ["127.0.0.1"])
    assert "Loop 33333333" in [one.name for one in found], "beside a demo shop that may run here"


def _running(announcer):
    import asyncio
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def run():
        task = asyncio.create_task(announcer.run())
        await announcer.announced.wait()
        yield
        task.cancel()
        await asyncio.wait([task])

    return run()


def test_names_stay_within_what_dns_allows():
    announcement = discovery.Announcement(
        hub_id="x" * 36, store="很長的店名" * 30, version="1" * 400, port=1, tls_port=0, fingerprint="f" * 400
    )
    info = discovery.service_info(announcement)
    assert len(info.name.split(".")[0].encode()) <= 63
    assert all(len(key) + 1 + len(value) <= 255 for key, value in info.properties.items())
