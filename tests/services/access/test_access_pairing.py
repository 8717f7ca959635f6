"""Pairing windows, device tokens, revocation."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hub.domain.staff import Role
from edge_hub.errors import Invalid, Unauthenticated
from edge_hub.services.access.handlers_clients import CLIENTS_MAX, ClientsFull
from edge_hub.services.access.model import ClientNotFound, PairingRefused
from edge_hub.services.access.qr import pairing_url
from edge_hub.services.access.tokens import new_device_token, new_pairing_code, pairing_hash, token_hash
from edge_hub.services.principal import PermissionNeeded, StaffNeeded


async def test_a_code_makes_one_client(hub, console):
    window = await hub.window(certificate_fingerprint="ab" * 32)
    assert hub.access.pairing_open
    paired = await hub.access.redeem(window.token, " Front  tablet ", "t1")
    assert not hub.access.pairing_open
    who = await hub.who(paired)
    assert (who.client, who.client_name, who.till, who.staff, who.local) == (
        paired.client_id, "Front tablet", "t1", None, False,
    )  # fmt: skip
    assert re.fullmatch(r"eh_[A-Za-z0-9_-]{43}", paired.token)
    with pytest.raises(PairingRefused):
        await hub.access.redeem(window.token, "Second", "t1")
    assert [client.name for client in hub.access.clients(console)] == ["Front tablet"]
    assert hub.named() == ["ClientPaired"]


async def test_the_secret_stands_in_the_fragment_only_and_nowhere_in_the_database(hub, tmp_path):
    window = await hub.window(certificate_fingerprint="ab" * 32)
    assert window.url == f"http://hub.local:8700/till/#pair={window.token}&fp={'ab' * 32}"
    assert window.qr_svg.startswith("<svg")
    paired = await hub.access.redeem(window.token, "Tablet", "t1")
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert token_hash(paired.token) in stored
    assert paired.token.encode() not in stored
    assert window.token.encode() not in stored
    assert window.token.replace("-", "").encode() not in stored


async def test_codes_as_people_type_them(hub):
    window = await hub.window()
    typed = window.token.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert (await hub.access.redeem(typed, "Tablet", "t1")).client_id


async def test_too_late_wrong_closed_and_replaced_codes_get_the_same_answer(hub, console):
    late = await hub.window(minutes=2)
    hub.clock.jump(2 * 60_000 + 1)
    replaced = await hub.window()
    closed = await hub.window()
    await hub.access.close_window(console)
    for token in (late.token, replaced.token, closed.token, "0000-0000-0000-0000", ""):
        with pytest.raises(PairingRefused):
            await hub.access.redeem(token, "Tablet", "t1")


async def test_a_lost_answer_is_asked_for_again(hub, console):
    window = await hub.window()
    first = await hub.access.redeem(window.token, "Tablet", "t1", key="k1")
    again = await hub.access.redeem(window.token, "Tablet", "t1", key="k1")
    assert first == again
    with pytest.raises(PairingRefused):
        await hub.access.redeem(window.token, "Tablet", "t1", key="k2")
    await hub.access.revoke(console, first.client_id)
    with pytest.raises(PairingRefused):
        await hub.access.redeem(window.token, "Tablet", "t1", key="k1")


async def test_what_a_client_may_be_called_and_where_it_may_stand(hub):
    window = await hub.window()
    for name, till in (("", "t1"), ("x" * 65, "t1"), ("a\x00b", "t1"), ("Tablet", "t9")):
        with pytest.raises(Invalid):
            await hub.access.redeem(window.token, name, till)
    assert hub.access.pairing_open


@pytest.mark.parametrize("minutes", [0, 61])
async def test_minutes_have_limits(hub, minutes):
    with pytest.raises(Invalid):
        await hub.window(minutes=minutes)


async def test_who_may_pair_and_revoke(hub, console):
    clerk = await hub.add("Mika", Role.CLERK, "3690")
    manager = await hub.add("Mei", Role.MANAGER, "1470")
    one, two = await hub.pair("One"), await hub.pair("Two")
    with pytest.raises(StaffNeeded):
        await hub.access.open_window(await hub.who(one), base_url="http://x")
    await hub.access.sign_in(await hub.who(one), clerk.id, "3690")
    for wanted in (
        hub.access.open_window(await hub.who(one), base_url="http://x"),
        hub.access.close_window(await hub.who(one)),
        hub.access.revoke(await hub.who(one), two.client_id),
    ):
        with pytest.raises(PermissionNeeded):
            await wanted
    with pytest.raises(PermissionNeeded):
        hub.access.clients(await hub.who(one))
    await hub.access.sign_in(await hub.who(two), manager.id, "1470")
    await hub.access.revoke(await hub.who(two), one.client_id)
    with pytest.raises(Unauthenticated):
        await hub.who(one)


async def test_revoked_at_once_with_a_wake_for_open_connections(hub, console):
    paired = await hub.pair()
    with hub.bus.subscribe("access") as wakes:
        await hub.access.revoke(console, paired.client_id)
        with pytest.raises(Unauthenticated):
            await hub.who(paired)
        assert hub.access.principal(paired.client_id) is None
        assert (await wakes.get()).topic == "access"
    await hub.access.revoke(console, paired.client_id)
    with pytest.raises(ClientNotFound):
        await hub.access.revoke(console, "nobody")
    assert hub.named() == ["ClientPaired", "ClientRevoked"]
    assert hub.access.clients(console)[0].revoked_ms == hub.clock.now_ms()


async def test_a_client_gives_itself_up(hub):
    paired = await hub.pair()
    await hub.access.revoke(await hub.who(paired), paired.client_id)
    with pytest.raises(Unauthenticated):
        await hub.who(paired)


async def test_clients_are_known_after_a_restart(hub):
    paired = await hub.pair()
    hub.restart()
    assert (await hub.who(paired)).client == paired.client_id


async def test_nobody_else_is_known(hub):
    paired = await hub.pair()
    for token in ("", "eh_", paired.token[:-1], paired.token + "A", paired.token.upper()):
        with pytest.raises(Unauthenticated):
            await hub.access.authenticate(token)


async def test_too_many_clients(hub):
    hub.journal.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        " INSERT INTO clients (id, name, till, token_hash, created_ms) SELECT 'c' || i, 'C', 't1', randomblob(32), 0 FROM n",
        (CLIENTS_MAX,),
    )
    with pytest.raises(ClientsFull):
        await hub.pair()


async def test_no_request_asks_the_database(hub, monkeypatch):
    paired = await hub.pair()
    monkeypatch.setattr(hub.journal, "row", None)
    monkeypatch.setattr(hub.journal, "rows", None)
    monkeypatch.setattr(hub.journal, "submit", None)
    for _ in range(100):
        await hub.who(paired)


async def test_last_seen_is_written_now_and_then(hub, console):
    await hub.run()
    paired = await hub.pair()
    before = len(hub.journal.submitted)
    for _ in range(59):
        await hub.who(paired)
        await hub.wait(1)
    seen_ms = hub.clock.now_ms() - 1000
    assert len(hub.journal.submitted) == before
    assert hub.access.clients(console)[0].last_seen_ms == seen_ms
    await hub.wait(2)
    assert len(hub.journal.submitted) == before + 1
    await hub.wait(600)
    assert len(hub.journal.submitted) == before + 1
    hub.restart()
    assert hub.access.clients(console)[0].last_seen_ms == seen_ms


@given(st.binary(min_size=10, max_size=10))
def test_codes_survive_the_trip(raw):
    code = new_pairing_code(lambda _: raw)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code)
    assert pairing_hash(code) == pairing_hash(code.lower().replace("-", ""))
    assert code in pairing_url("https://h:1/", code)


def test_device_tokens_repeat_only_for_the_same_code_key_and_run():
    random = iter([b"a" * 32, b"b" * 32])
    entropy = lambda _: next(random)  # noqa: E731  # stands in for a function
    assert new_device_token(b"s", "AAAA", "k", entropy) == new_device_token(b"s", "aaaa", "k", entropy)
    made = {
        new_device_token(b"s", "AAAA", "k", entropy), new_device_token(b"s", "AAAA", "l", entropy),
        new_device_token(b"s", "AAAB", "k", entropy), new_device_token(b"t", "AAAA", "k", entropy),
        new_device_token(b"s", "AAAA", "", entropy), new_device_token(b"s", "AAAA", "", entropy),
    }  # fmt: skip
    assert len(made) == 6
