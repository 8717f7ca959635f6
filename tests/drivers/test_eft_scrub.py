"""Card numbers out of texts, whatever numbers stand beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hub.sdk.eft.scrub import scrub, scrub_bytes

WHOLE, AMEX = "4111111111111111", "378282246310005"
PRINTED = ("4111 1111 1111 1111", "4111-1111-1111-1111", "6222 0212 3456 7890 128", "3782 822463 10005", WHOLE, AMEX)
BESIDE = ("", "12/27", "01", "0001", "1227", "000123", "09 12", "2026-10-09", "123456789012345678901")


@pytest.mark.parametrize("number", PRINTED)
@pytest.mark.parametrize("before", BESIDE)
@pytest.mark.parametrize("behind", BESIDE)
@pytest.mark.parametrize("gap", [" ", "-", "  ", ": "])
def test_numbers_beside_a_card_do_not_hide_it(number, before, behind, gap):
    text = f"CARD {before}{gap}{number}{gap}{behind} ENDS"
    kept = scrub(text)
    assert len(kept) == len(text)
    digits = "".join(char for char in number if char.isdigit())
    shown = "".join(char for char in kept if char.isalnum() or char == "*")
    assert digits not in shown
    assert digits[:6] + "*" * (len(digits) - 10) + digits[-4:] in shown
    assert scrub_bytes(text.encode()) == kept.encode()


@pytest.mark.parametrize(
    "text",
    ["RECEIPT 000123 BATCH 000042", "2026-10-09 14:30:15", "TEL 02 2345 6789", "TOTAL 1,280.00", "", "0" * 40 + " 1"],
)
def test_other_numbers_stay(text):
    assert scrub(text) == text


@given(st.text(alphabet="0123456789 -/", max_size=120))
def test_nothing_but_stars_is_put_in(text):
    kept = scrub(text)
    assert len(kept) == len(text)
    assert all(now in {was, "*"} for was, now in zip(text, kept, strict=True))
