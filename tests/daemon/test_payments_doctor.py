"""The doctor looks at secrets of wallets and at the tills' card terminals."""

import os

import pytest

from edge_hub.cli.doctor import examine
from edge_hub.cli.doctor_payments import payments
from edge_hub.config import load

SHOP = """
[store]
id = "one"
name = "One"
currency = "TWD"
timezone = "Asia/Taipei"

[[taxes.rates]]
code = "standard"
name = "VAT"
rate = "5%"

[paths]
data = "data"
backups = "backups"
runtime = "run"

[[tills]]
id = "till-1"
name = "Till 1"
receipt_prefix = "A"
"""
TERMINAL = 'terminal = "card-1"\n'
CARD = '[[devices]]\nid = "card-1"\ndriver = "nccc"\nurl = "tcp://127.0.0.1:9"\n'
LINE = """
[[wallets]]
id = "line"
driver = "line_pay"
options = { channel_id = "1234567890", channel_secret_file = "line.secret" }
"""
ALIPAY = """
[[wallets]]
id = "alipay"
driver = "alipay"
options = { alipay_public_key_file = "alipay.pem" }
"""


@pytest.fixture
def look(tmp_path):
    def look(text):
        path = tmp_path / "config.toml"
        path.write_text(text)
        return [(one.level, one.what.replace(str(tmp_path) + "/", "")) for one in payments(load(path))]

    return look


def test_a_secret_is_there_and_is_one(look, tmp_path):
    shop, secret = SHOP + TERMINAL + CARD + LINE, tmp_path / "line.secret"
    till = ("good", "till till-1: card terminal card-1")
    shown = "wallet line: channel_secret_file line.secret"
    assert look(shop) == [("bad", f"{shown}: No such file or directory"), till]
    secret.touch(0o600)
    assert look(shop) == [("bad", f"{shown}: is empty, or no file"), till]
    secret.write_text("s3cret")
    assert look(shop) == [("good", shown), till]
    secret.chmod(0o640)
    assert look(shop) == [("good", shown), till]
    secret.chmod(0o644)
    assert look(shop) == [("bad", f"{shown}: every user of this box may read it"), till]


def test_what_is_public_may_be_read_by_all(look, tmp_path):
    (tmp_path / "alipay.pem").write_text("-----BEGIN PUBLIC KEY-----")
    (tmp_path / "alipay.pem").chmod(0o644)
    assert ("good", "wallet alipay: alipay_public_key_file alipay.pem") in look(SHOP + ALIPAY)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_secret_that_the_hub_may_not_read(look, tmp_path):
    (tmp_path / "line.secret").write_text("s3cret")
    (tmp_path / "line.secret").chmod(0o200)
    assert "may not be read" in look(SHOP + LINE)[0][1]


def test_tills_and_their_terminals(look):
    other = '\n[[tills]]\nid = "till-2"\nname = "Till 2"\nreceipt_prefix = "B"\n'
    assert look(SHOP) == []
    assert look(SHOP + CARD) == [("warning", "card terminal card-1: no till uses it")]
    shared = look(SHOP + TERMINAL + other + TERMINAL + CARD)
    assert shared == [("warning", "tills till-1, till-2: share the card terminal card-1, one payment at a time")]
    cash = look(SHOP + "[payments]\nstandalone = false\n")
    assert cash == [("warning", "till till-1: takes cash only")]


def test_a_wallets_wrong_option_is_among_the_findings(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(SHOP + LINE.replace("channel_id", "chanel_id"))
    found = {one.what.split(": ")[1]: one.level for one in examine(str(path)) if one.what.startswith("drivers: ")}
    assert found["wallets[0].options.chanel_id"] == "bad"
    assert found["wallets[0].options.channel_id"] == "bad"
