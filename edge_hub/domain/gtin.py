"""Article numbers: check digits, and one form for one article (GS1 General Specifications 3.3, 7.9)."""

from edge_hub.errors import Invalid

GTIN_LENGTHS = (8, 12, 13, 14)
UPC_E_LENGTHS = (6, 7, 8)
_GTIN_8 = 8
_GTIN_13 = 13
_GTIN_14 = 14


class BarcodeInvalid(Invalid):
    """Scanned or typed data that is no bar code of the kind it claims to be."""

    code = "barcode-invalid"
    title = "This bar code cannot be read."


class CheckDigitWrong(BarcodeInvalid):
    """A digit was misread or mistyped: the check digit does not fit."""

    code = "barcode-check-digit"
    title = "The bar code's check digit is wrong: scan it again."


def digits_only(text: str) -> bool:
    """Whether a text is ASCII digits alone (`str.isdigit` says yes to digits of every script)."""
    return text.isascii() and text.isdigit()


def check_digit(body: str) -> str:
    """The digit that follows `body`: modulo 10, weights 3 and 1 from the right (General Specifications 7.9.1)."""
    weighted = sum(map(int, body[-1::-2])) * 3 + sum(map(int, body[-2::-2]))
    return str(-weighted % 10)


def has_check_digit(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    return check_digit(digits[:-1]) == digits[-1]


def price_check_digit(value: str) -> str:
    """The check digit of a 4- or 5-digit price or weight inside a code (General Specifications 7.9.2 to 7.9.4)."""
    if len(value) == len(_WEIGHTS_OF_FOUR):
        return str(3 * _weigh(value, _WEIGHTS_OF_FOUR) % 10)
    if len(value) == len(_WEIGHTS_OF_FIVE):
        return str(_FIVE_MINUS.index(-_weigh(value, _WEIGHTS_OF_FIVE) % 10))
    raise ValueError(f"there is no check digit for a value of {len(value)} digits")


def _weigh(value: str, weights: tuple[tuple[int, ...], ...]) -> int:
    return sum(table[int(digit)] for table, digit in zip(weights, value, strict=True))


# The specification's weighting tables: multiply, then units minus (2-, 5-) or plus (5+) tens, modulo 10.
_TWO_MINUS = tuple((2 * n % 10 - 2 * n // 10) % 10 for n in range(10))
_THREE = tuple(3 * n % 10 for n in range(10))
_FIVE_PLUS = tuple((5 * n % 10 + 5 * n // 10) % 10 for n in range(10))
_FIVE_MINUS = tuple((5 * n % 10 - 5 * n // 10) % 10 for n in range(10))
_WEIGHTS_OF_FOUR = (_TWO_MINUS, _TWO_MINUS, _THREE, _FIVE_MINUS)
_WEIGHTS_OF_FIVE = (_FIVE_PLUS, _TWO_MINUS, _FIVE_MINUS, _FIVE_PLUS, _TWO_MINUS)


def is_gtin(text: str) -> bool:
    """Whether a text is 8, 12, 13 or 14 digits with their check digit."""
    return len(text) in GTIN_LENGTHS and digits_only(text) and has_check_digit(text)


def normalise(gtin: str) -> str:
    """One form for one article: 8 digits for a GTIN-8, 14 for a case or pallet, 13 for all else.

    A UPC-A gets its leading zero. Zeros in front of a GTIN-8 go (GS1 gives no 13-digit number that begins with
    five zeros, so that these stay apart).
    """
    padded = gtin.zfill(_GTIN_14)
    if not padded.strip("0"):
        return padded[-_GTIN_13:]
    if padded.startswith("0" * (_GTIN_14 - _GTIN_8)):
        return padded[-_GTIN_8:]
    return padded[1:] if padded[0] == "0" else padded


def stored_form(code: str) -> str:
    """How a bar code of the catalogue is kept, so that scans find it: a GTIN normalised, any other code as it is."""
    code = code.strip()
    return normalise(code) if is_gtin(code) else code


def expand_upc_e(code: str) -> str:
    """The 12-digit UPC-A behind a UPC-E (General Specifications 5.2.2.4.2).

    6 digits are the symbol alone (number system 0), 7 have the number system in front, 8 the check digit behind.
    """
    if len(code) not in UPC_E_LENGTHS or not digits_only(code):
        raise BarcodeInvalid("A UPC-E has six to eight digits.", why="upc-e-length")
    system, symbol = ("0", code) if len(code) == UPC_E_LENGTHS[0] else (code[0], code[1:7])
    if system not in "01":
        raise BarcodeInvalid("A UPC-E begins with 0 or 1.", why="upc-e-system")
    last = symbol[5]
    if last in "012":
        body = symbol[:2] + last + "0000" + symbol[2:5]
    elif last == "3":
        body = symbol[:3] + "00000" + symbol[3:5]
    elif last == "4":
        body = symbol[:4] + "00000" + symbol[4]
    else:
        body = symbol[:5] + "0000" + last
    upc_a = system + body + check_digit(system + body)
    if len(code) == UPC_E_LENGTHS[2] and code[7] != upc_a[11]:
        raise CheckDigitWrong
    return upc_a
