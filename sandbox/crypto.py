"""Signatures and message encryption of the callback, from WeChat's description."""

import base64
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


def signature(*parts: str) -> str:
    """Hex sha1 of the parts sorted as strings."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def encrypt(message: str, aes_key: str, app_id: str) -> str:
    """Base64 of the encrypted message; the random part is 16 hex characters, as in real pushes."""
    data = message.encode()
    clear = secrets.token_hex(8).encode() + struct.pack(">I", len(data)) + data + app_id.encode()
    pad = BLOCK - len(clear) % BLOCK
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(encryptor.update(clear + bytes([pad]) * pad) + encryptor.finalize()).decode()


def decrypt(encrypted: str, aes_key: str, app_id: str) -> str:
    """The message inside; raises ValueError saying what is wrong."""
    data = base64.b64decode(encrypted, validate=True)
    if not data or len(data) % 16:
        raise ValueError("ciphertext is not a multiple of 16 bytes")
    decryptor = _cipher(aes_key).decryptor()
    clear = decryptor.update(data) + decryptor.finalize()
    pad = clear[-1]
    if not 1 <= pad <= BLOCK or clear[-pad:] != bytes([pad]) * pad:
        raise ValueError("padding is wrong")
    clear = clear[:-pad]
    if len(clear) < 20:
        raise ValueError("message is too short")
    (length,) = struct.unpack(">I", clear[16:20])
    message, owner = clear[20 : 20 + length], clear[20 + length :]
    if len(message) != length or owner != app_id.encode():
        raise ValueError("length or appid is wrong")
    return message.decode()


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
