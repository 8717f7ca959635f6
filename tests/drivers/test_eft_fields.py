"""Records of fixed places: what goes in comes out, and what does not fit is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hub.sdk.eft.fields import Field, Layout
from edge_hub.sdk.errors import BadFrame, DeviceRefused, ErrorCode

LAYOUT = Layout(
    "sample",
    20,
    (
        Field("type", 0, 2, "n"),
        Field("card", 2, 6),
        Field("amount", 10, 8, "n", decimals=2),
    ),
)


def test_text_goes_left_and_numbers_go_right() -> None:
    assert LAYOUT.pack({"type": "1", "card": "AB", "amount": "1280"}) == b"01AB      00001280  "
    assert LAYOUT.pack({}) == b" " * 20


def test_blank_and_zero_bytes_are_read_as_nothing() -> None:
    assert LAYOUT.unpack(b"\x00" * 20) == {"type": "", "card": "", "amount": ""}
    assert LAYOUT.unpack(b"01AB\x00\x00\x00\x00\x00\x0000001280\x00\x00") == {
        "type": "01",
        "card": "AB",
        "amount": "00001280",
    }


def test_some_fields_can_be_replaced() -> None:
    record = LAYOUT.pack({"type": "01", "card": "AB"})
    assert LAYOUT.put(record, {"type": "62", "card": ""}) == b"62" + b" " * 18


@pytest.mark.parametrize(
    "values", [{"type": "123"}, {"type": "1a"}, {"card": "ABCDEFG"}, {"card": "卡"}, {"card": "\t"}]
)
def test_what_does_not_fit_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(DeviceRefused) as refusal:
        LAYOUT.pack(values)
    assert refusal.value.error_code is ErrorCode.ILLEGAL
    assert not any(value in str(refusal.value) for value in values.values())


def test_a_field_that_is_not_there_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        LAYOUT.pack({"colour": "red"})


@pytest.mark.parametrize("data", [b"", b" " * 19, b" " * 21, b"4x" + b" " * 18, b"  " + b" " * 8 + b"12 4    " + b"  "])
def test_damaged_records_are_refused(data: bytes) -> None:
    with pytest.raises(BadFrame):
        LAYOUT.unpack(data)


def test_amounts_change_their_decimals() -> None:
    amount = LAYOUT["amount"]
    assert amount.on_wire(1280, 0) == "128000"
    assert amount.on_wire(1280, 2) == "1280"
    assert amount.amount("00128000", 0) == 1280
    assert amount.amount("00001280", 2) == 1280
    assert amount.amount("", 0) is None
    with pytest.raises(BadFrame):
        amount.amount("00128050", 0)
    with pytest.raises(DeviceRefused):
        amount.on_wire(-1, 0)
    with pytest.raises(DeviceRefused):
        amount.on_wire(1, 3)


@pytest.mark.parametrize(
    "fields",
    [
        (Field("a", 0, 3), Field("b", 2, 2)),
        (Field("a", 0, 3), Field("a", 4, 2)),
        (Field("a", 8, 3),),
        (Field("a", -1, 3),),
        (Field("a", 1, 0),),
    ],
)
def test_layouts_are_checked(fields: tuple[Field, ...]) -> None:
    with pytest.raises(ValueError, match="wrong"):
        Layout("wrong", 10, fields)


_TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=6).map(lambda text: text.rstrip(" "))


@given(number=st.integers(0, 10**8 - 1), text=_TEXT)
def test_what_is_packed_is_read(number: int, text: str) -> None:
    values = LAYOUT.unpack(LAYOUT.pack({"card": text, "amount": str(number)}))
    assert (values["card"], int(values["amount"])) == (text, number)


@given(st.binary(max_size=24))
def test_anything_is_a_record_or_a_bad_frame(data: bytes) -> None:
    try:
        values = LAYOUT.unpack(data)
    except BadFrame:
        return
    assert set(values) == set(LAYOUT.fields)
