"""[[wallets]], [payments] and the tills' terminals: what is wrong is said by file and key before anything starts."""

import pytest

from edge_hub.config import ConfigInvalid, load
from edge_hub.daemon import check_devices
from edge_hub.daemon.building import wallet_configs

SHOP = """
[store]
id = "one"
name = "One"
currency = "TWD"
timezone = "Asia/Taipei"

[[taxes.rates]]
code = "general"
name = "VAT"
rate = "5%"

[[tills]]
id = "till-1"
name = "Till"
receipt_prefix = "A"
"""
LINE = '[[wallets]]\nid = "line"\ndriver = "line_pay"\n'
CARD = '[[devices]]\nid = "{}"\ndriver = "{}"\nurl = "{}"\n'


def written(folder, *tables, demo=False, till=""):
    path = folder / "config.toml"
    path.write_text("\n".join((SHOP + till, *tables, "[demo]" if demo else "")), encoding="utf-8")
    return path


def faults(check):
    with pytest.raises(ConfigInvalid) as caught:
        check()
    return {fault.pointer.rpartition(": ")[2]: fault.message for fault in caught.value.faults}


def test_nothing_configured_is_good(tmp_path):
    settings = load(written(tmp_path)).store_settings()
    assert (settings.payments.standalone, settings.payments.clock_tolerance_s, settings.payments.tips) == (
        True,
        300,
        False,
    )


def test_rules_reach_the_store(tmp_path):
    table = "[payments]\nstandalone = false\nclock_tolerance_s = 60\ntips = true\n"
    rules = load(written(tmp_path, table)).store_settings().payments
    assert (rules.standalone, rules.clock_tolerance_s, rules.tips) == (False, 60, True)


@pytest.mark.parametrize(
    ("tables", "pointer", "words"),
    [
        ((LINE, LINE), "wallets[1].id", "used 2 times"),
        ((CARD.format("line", "nccc", "tcp://h:1"), LINE), "wallets[0].id", "device's id"),
        ((LINE + 'url = "sim://line"\n',), "wallets[0].url", "demo"),
        ((LINE + 'url = "https://pay.example"\n',), "wallets[0].url", "leave it out"),
        ((LINE + 'colour = "red"\n',), "wallets[0].colour", "not a known key"),
        (("[payments]\nclock_tolerance_s = -1\n",), "payments.clock_tolerance_s", "greater than"),
    ],
)
def test_mistakes(tmp_path, tables, pointer, words):
    found = faults(lambda: load(written(tmp_path, *tables)))
    assert words in found[pointer]


def test_a_simulated_wallet_takes_no_options(tmp_path):
    table = LINE + 'url = "sim://line"\noptions = { channel_id = "1" }\n'
    found = faults(lambda: load(written(tmp_path, table, demo=True)))
    assert "brings its own" in found["wallets[0].options"]
    simulated = load(written(tmp_path, LINE + 'url = "sim://line"\n', demo=True))
    check_devices(simulated)


def test_drivers_and_options_are_checked_with_their_places(tmp_path):
    nobody = '[[wallets]]\nid = "x"\ndriver = "nobody"\n'
    wrong = LINE + "options = { colour = 1 }\n"
    found = faults(lambda: check_devices(load(written(tmp_path, nobody, wrong))))
    assert "there is no driver 'nobody'" in found["wallets[0].driver"]
    assert "wallets[1].options.colour" in found


def test_secrets_are_files_from_the_configurations_folder(tmp_path):
    (tmp_path / "secret").write_text("s3cret\n", encoding="utf-8")
    table = LINE + 'options = { channel_id = "1", channel_secret_file = "secret" }\n'
    config = load(written(tmp_path, table))
    (wallet,) = wallet_configs(config)
    assert wallet.options["channel_secret_file"] == str(tmp_path / "secret")


def test_a_tills_terminal_is_one(tmp_path):
    missing = written(tmp_path, till='terminal = "card-1"\n')
    assert "card-1" in faults(lambda: load(missing))["tills[0].terminal"]
    printer = written(tmp_path, CARD.format("card-1", "escpos", "tcp://h:1"), till='terminal = "card-1"\n')
    assert "needs a card terminal" in faults(lambda: check_devices(load(printer)))["tills[0].terminal"]
    check_devices(load(written(tmp_path, CARD.format("card-1", "nccc", "tcp://h:1"), till='terminal = "card-1"\n')))
