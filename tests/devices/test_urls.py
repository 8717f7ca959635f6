import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hub.devices.transports import BadUrl, check_url, parse_url, public_url
from edge_hub.devices.transports.settings import serial_settings


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("tcp://printer:9100", "tcp://printer:9100"),
        ("tcp://[::1]:9100", "tcp://[::1]:9100"),
        ("serial:///dev/ttyUSB0?baudrate=9600", "serial:///dev/ttyUSB0"),
        ("file:///dev/usb/lp0", "file:///dev/usb/lp0"),
        ("sim://receipt-1", "sim://receipt-1"),
    ],
)
def test_good_urls(url, public):
    assert check_url(url, serial_defaults={}).public == public == public_url(url)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "scheme"),
        ("http://x", "scheme"),
        ("tcp:x", "scheme"),
        ("tcp://", "host"),
        ("tcp://h", "port"),
        ("tcp://h:0", "port"),
        ("tcp://h:99999", "port"),
        ("tcp://h:1/x", "path"),
        ("tcp://h:1?x=1", "unknown-option"),
        ("tcp://h:1#x", "fragment"),
        ("tcp://u:s3cret@h:1", "credentials"),
        ("tcp://[h:1", "malformed"),
        ("serial://ttyUSB0", "path"),
        ("serial:///dev/", "path"),
        ("serial:///dev/x?baudrate=1", "baudrate"),
        ("serial:///dev/x?parity=X", "parity"),
        ("serial:///dev/x?rtscts=yes", "rtscts"),
        ("serial:///dev/x?speed=9600", "unknown-option"),
        ("serial:///dev/x?baudrate=9600&baudrate=9600", "query"),
        ("serial:///dev/x?baudrate", "query"),
        ("file://host/x", "path"),
        ("file:///x?create=1&append=1", "unknown-option"),
        ("sim://", "name"),
        ("sim://a/b", "name"),
        ("sim://a b", "whitespace"),
        ("sim://" + "a" * 600, "too-long"),
    ],
)
def test_bad_urls_are_told_by_code(url, code):
    with pytest.raises(BadUrl) as caught:
        check_url(url, serial_defaults={})
    (fault,) = caught.value.faults
    assert (fault.pointer, fault.code) == ("/url", code)
    assert "s3cret" not in fault.message
    assert "s3cret" not in public_url(url)


@given(st.text(max_size=80))
def test_any_text_is_a_url_or_a_bad_one(text):
    for url in (text, f"tcp://{text}", f"serial:///{text}", f"sim://{text}"):
        public_url(url)
        try:
            parse_url(url)
        except BadUrl as exc:
            assert exc.faults  # noqa: PT017  # of what is refused; not all of it is


def test_the_urls_settings_win_over_the_drivers():
    url = parse_url("serial:///dev/ttyS0?parity=e&xonxoff=true")
    settings = serial_settings(url, {"baudrate": 2400, "parity": "N", "rtscts": True})
    assert str(settings) == "2400 8E1"
    assert (settings.xonxoff, settings.rtscts) == (True, True)
