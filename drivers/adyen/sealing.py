"""How messages to Adyen terminals are encrypted on the local network.

Key material: PBKDF2-HMAC-SHA1 of the passphrase, 80 bytes: 32 for HMAC-SHA256, 32 for AES-256-CBC, 16 of IV. Each
message has a nonce that goes over the IV by XOR; the HMAC is of the plain text.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from edge_hub.sdk.errors import BadFrame

SALT = b"AdyenNexoV1Salt"
ROUNDS = 4000
NONCE_BYTES = 16
CRYPTO_VERSION = 1
KEYS_MAX = 8
BODY_BYTES_MAX = 256 * 1024
REQUEST, RESPONSE = "SaleToPOIRequest", "SaleToPOIResponse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The shared key, with what it is called."""

    hmac: bytes = field(repr=False)
    cipher: bytes = field(repr=False)
    iv: bytes = field(repr=False)
    identifier: str
    version: int


@lru_cache(maxsize=KEYS_MAX)
def keys_of(passphrase: str, *, identifier: str, version: int) -> Keys:
    """The key material: some milliseconds of the processor, so worked out once and not at each connection."""
    material = hashlib.pbkdf2_hmac("sha1", passphrase.encode(), SALT, ROUNDS, 80)
    return Keys(hmac=material[:32], cipher=material[32:64], iv=material[64:80], identifier=identifier, version=version)


def seal(kind: str, plain: bytes, keys: Keys, nonce: bytes) -> bytes:
    """The body to send for a plain message of that kind (REQUEST, RESPONSE). Raises BadFrame if it is none."""
    header = _part(_parsed(plain), kind, "MessageHeader")
    padder = PKCS7(AES.block_size).padder()
    encryptor = _cipher(keys, nonce).encryptor()
    blob = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    trailer = {
        "AdyenCryptoVersion": CRYPTO_VERSION,
        "KeyIdentifier": keys.identifier,
        "KeyVersion": keys.version,
        "Nonce": _text(nonce),
        "Hmac": _text(hmac.digest(keys.hmac, plain, "sha256")),
    }
    sealed = {"MessageHeader": header, "NexoBlob": _text(blob), "SecurityTrailer": trailer}
    return json.dumps({kind: sealed}, separators=(",", ":")).encode()


def unseal(kind: str, body: bytes, keys: Keys) -> bytes:
    """The plain message in a body. Raises BadFrame for anything that was not sealed with these keys."""
    message = _parsed(body)
    blob = _bytes(_part(message, kind, "NexoBlob"))
    nonce = _bytes(_part(message, kind, "SecurityTrailer", "Nonce"))
    seen = _bytes(_part(message, kind, "SecurityTrailer", "Hmac"))
    if len(nonce) != NONCE_BYTES or not blob or len(blob) % NONCE_BYTES:
        raise BadFrame("a sealed message of a wrong length")
    decryptor = _cipher(keys, nonce).decryptor()
    unpadder = PKCS7(AES.block_size).unpadder()
    try:
        plain = unpadder.update(decryptor.update(blob) + decryptor.finalize()) + unpadder.finalize()
    except ValueError as error:
        raise BadFrame("a message sealed with another key") from error
    if not hmac.compare_digest(seen, hmac.digest(keys.hmac, plain, "sha256")):
        raise BadFrame("a message whose HMAC is wrong")
    return plain


def _cipher(keys: Keys, nonce: bytes) -> "Cipher[CBC]":
    vector = bytes(one ^ other for one, other in zip(keys.iv, nonce, strict=True))
    return Cipher(AES(keys.cipher), CBC(vector))


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadFrame("not JSON") from error


def _part(message: Any, *path: str) -> Any:
    for name in path:
        if not isinstance(message, Mapping) or name not in message:
            raise BadFrame(f"no {name} in the message")
        message = message[name]
    return message


def _bytes(value: Any) -> bytes:
    if not isinstance(value, str):
        raise BadFrame("no text in base64")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadFrame("no text in base64") from error


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
