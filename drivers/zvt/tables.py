"""What ZVT's numbers mean: result codes, intermediate states, cards, currencies. PA00P015 13.08; tags and numbers that
only captures of terminals show are marked.
"""

from collections.abc import Mapping

from edge_hub.sdk.eft.model import Activity, Reason

BUSY = 0xA0
WAIT = 0x9C
NOT_REGISTERED = 0x6B
DIAGNOSIS_REQUIRED = 0xC2
HOST_CODES = range(0x01, 0x64)
_HOST_REASONS = {0x01: Reason.CALL_BANK, 0x02: Reason.CALL_BANK, 0x33: Reason.BALANCE, 0x36: Reason.CARD}
"""The host's codes are those of ISO 8583 as numbers: 1 and 2 call the issuer, 51 funds, 54 expired."""
REASONS: Mapping[int, Reason] = {
    **{code: _HOST_REASONS.get(code, Reason.DECLINED) for code in HOST_CODES},
    0x64: Reason.CARD,
    0x65: Reason.CARD,
    0x66: Reason.OTHER,
    0x6A: Reason.NOT_POSSIBLE,
    NOT_REGISTERED: Reason.NOT_POSSIBLE,
    0x6C: Reason.CANCELLED,
    0x6F: Reason.NOT_POSSIBLE,
    0x71: Reason.BALANCE,
    0x78: Reason.CARD,
    0x7A: Reason.CARD,
    0x7D: Reason.HOST,
    0x83: Reason.NOT_POSSIBLE,
    0x9A: Reason.NOT_POSSIBLE,
    0x9B: Reason.HOST,
    BUSY: Reason.BUSY,
    0xA1: Reason.HOST,
    0xA3: Reason.HOST,
    0xB1: Reason.NOT_POSSIBLE,
    0xB2: Reason.NOT_POSSIBLE,
    0xB4: Reason.NOT_FOUND,
    0xB5: Reason.NOT_FOUND,
    0xB7: Reason.NOT_FOUND,
    0xB8: Reason.NOT_FOUND,
    DIAGNOSIS_REQUIRED: Reason.NOT_POSSIBLE,
    0xC5: Reason.NOT_POSSIBLE,
    0xCC: Reason.NOT_POSSIBLE,
    0xDC: Reason.CARD,
    0xF0: Reason.NOT_POSSIBLE,
    0xFF: Reason.OTHER,
}
"""Codes by which the terminal says that no money moved; what is not here is of unknown outcome."""
WORDS: Mapping[int, str] = {
    0x66: "the card could not be processed",
    0x6A: "the terminal's memory is full: close the day",
    NOT_REGISTERED: "the till is not registered with the terminal",
    0x6F: "wrong currency",
    0x83: "the terminal does not do this",
    0x9A: "the terminal does not understand the till",
    BUSY: "the terminal is busy",
    0xB1: "the terminal's memory is full",
    0xB2: "the terminal's journal is full",
    0xB4: "it was undone before",
    0xB5: "it cannot be undone (receipt unknown, or the day was closed)",
    DIAGNOSIS_REQUIRED: "the terminal needs a diagnosis",
    0xC5: "this terminal does not support it",
    0xCC: "the slip could not be printed",
    0xDC: "a card is left in the terminal",
    0xF0: "the end of day must be done first",
    0xFF: "system error of the terminal",
}

_REMOVE = 0x40
"""States 41 to 69 are those of 01 to 29 with the card still inside."""
_STATES: Mapping[int, Activity] = {
    **dict.fromkeys((0x00, 0x01, 0x02, 0x28, 0x29, 0x2C, 0x69, 0xE0, 0xE1), Activity.WAITING_FOR_CUSTOMER),
    **dict.fromkeys((0x26, 0x27, 0x66, 0x67, 0xC7), Activity.WAITING_FOR_CUSTOMER),
    **dict.fromkeys((0x04, 0x05, 0x06, 0x0E, 0x0F, 0x17, 0x2B, 0xC9, 0xCA, 0xD2, 0xD3), Activity.WAITING_FOR_HOST),
    **dict.fromkeys((0x0A, 0x2A), Activity.WAITING_FOR_CARD),
    **dict.fromkeys((0x15, 0x18, 0xCC), Activity.WAITING_FOR_PIN),
    0x0B: Activity.REMOVE_CARD,
}


def activity(state: int) -> Activity:
    """What an intermediate status (04 FF) shows."""
    if state in _STATES:
        return _STATES[state]
    if _REMOVE < state < _REMOVE + 0x26:
        return Activity.REMOVE_CARD
    return Activity.OTHER


CARDS: Mapping[int, str] = {
    0x02: "girocard",
    0x05: "girocard",
    0x06: "MASTERCARD",
    0x08: "AMEX",
    0x0A: "VISA",
    0x0C: "DINERS",
    0x0D: "V PAY",
    0x0E: "JCB",
    0x2E: "MAESTRO",
}
"""BMP 8A, where no name (8B) comes with it; 05, 06 and 2E as in captures."""
TOTALS = ("girocard", "JCB", "MASTERCARD", "AMEX", "VISA", "DINERS", "")
"""The groups of BMP 60, in order; the last is all others."""
ENTRIES: Mapping[int, str] = {0x00: "magnetic stripe", 0x01: "chip", 0x02: "contactless"}
"""TLV 1F12; 01 and 02 as in captures."""
