"""WeChat's signature and its encryption of messages (WeChat contract, section 1).

AES-256-CBC with the first 16 bytes of the key as IV; clear text is 16 random bytes, the message's length in 4 bytes,
the message, our app id; padded to blocks of 32.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
RANDOM = 16


class BadPush(Exception):
    """A push that is not to be believed; the reason is for our log only, all senders get the same answer."""


def signature(*parts: str) -> str:
    """SHA-1 of the parts sorted as strings, as WeChat prescribes."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def check_signature(given: str, *parts: str) -> None:
    """Compare in constant time. Raises BadPush."""
    if not hmac.compare_digest(given.encode(), signature(*parts).encode()):
        raise BadPush("signature")


class MessageCipher:
    """Decrypts pushes and encrypts replies of one account."""

    def __init__(self, encoding_aes_key: str, app_id: str) -> None:
        key = base64.b64decode(encoding_aes_key + "=")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        self._app_id = app_id.encode()

    def decrypt(self, encrypted: str) -> bytes:
        """The clear message. Raises BadPush."""
        try:
            raw = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError):
            raise BadPush("base64") from None
        if not raw or len(raw) % 16:
            raise BadPush("ciphertext length")
        decryptor = self._cipher.decryptor()
        padded = decryptor.update(raw) + decryptor.finalize()
        pad = padded[-1]
        if not 1 <= pad <= BLOCK or pad > len(padded) or padded[-pad:] != bytes([pad]) * pad:
            raise BadPush("padding")
        clear = padded[:-pad]
        if len(clear) < RANDOM + 4:
            raise BadPush("clear text length")
        (length,) = struct.unpack_from(">I", clear, RANDOM)
        start = RANDOM + 4
        if length > len(clear) - start:
            raise BadPush("length field")
        if not hmac.compare_digest(clear[start + length :], self._app_id):
            raise BadPush("app id")
        return clear[start : start + length]

    def encrypt(self, message: bytes) -> str:
        clear = secrets.token_bytes(RANDOM) + struct.pack(">I", len(message)) + message + self._app_id
        pad = BLOCK - len(clear) % BLOCK
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(clear + bytes([pad]) * pad) + encryptor.finalize()).decode()
