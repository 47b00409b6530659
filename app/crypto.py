"""Personal data at rest: a key ring that encrypts, and a blind index that finds.

A sealed value is `<algorithm>.<key id>.<base64 of nonce + ciphertext + tag>`, bound to its table, column and row, so
that a value copied to another place does not open there.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
TAG_BYTES = 16


class CannotOpen(Exception):
    """A sealed value that no key of the ring opens: the key is missing, or the value was changed or moved.

    The message is a line for the operator; it names keys by their ids, and no value.
    """


class KeyRing:
    """The first key seals, every key opens."""

    def __init__(self, keys: Sequence[bytes], index_key: bytes, algorithm: str = "aes-256-gcm") -> None:
        self._keys = {key_id(key): key for key in keys}
        self._first = key_id(keys[0])
        self._index_key = index_key
        self._algorithm = algorithm

    def seal(self, text: str, place: str) -> str:
        """Encrypt; `place` names table, column and row."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        encryptor = self._cipher(self._algorithm, self._first, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(place.encode())
        body = encryptor.update(text.encode()) + encryptor.finalize()
        packed = base64.b64encode(nonce + body + encryptor.tag).decode()
        return f"{self._algorithm}.{self._first}.{packed}"

    def open(self, sealed: str, place: str) -> str:
        """Decrypt. Raises CannotOpen."""
        try:
            algorithm, key, packed = sealed.split(".")
            if key not in self._keys:
                raise CannotOpen(
                    f"{place.partition(':')[0]} was sealed with a key that [privacy] keys lacks (its id is {key}): "
                    "put that key back into the ring"
                )
            raw = base64.b64decode(packed, validate=True)
            nonce, body, tag = raw[:NONCE_BYTES], raw[NONCE_BYTES:-TAG_BYTES], raw[-TAG_BYTES:]
            decryptor = self._cipher(algorithm, key, modes.GCM(nonce, tag)).decryptor()
            decryptor.authenticate_additional_data(place.encode())
            return (decryptor.update(body) + decryptor.finalize()).decode()
        except (InvalidTag, KeyError, ValueError) as error:
            raise CannotOpen(
                f"{place.partition(':')[0]} cannot be opened: it was changed, or copied from another row"
            ) from error

    def is_current(self, sealed: str) -> bool:
        """Whether the value is sealed with the first key and the chosen algorithm."""
        return sealed.startswith(f"{self._algorithm}.{self._first}.")

    def index(self, kind: str, text: str) -> str:
        """The blind index of a value: equal values of one kind have equal indexes, and nothing else can be told.

        A plain hash would not do: all phone numbers can be tried in minutes.
        """
        return hmac.new(self._index_key, f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()[:32]

    def _cipher(self, algorithm: str, key: str, mode: modes.GCM) -> Cipher[modes.GCM]:
        secret = self._keys[key]
        if algorithm == "aes-256-gcm":
            return Cipher(algorithms.AES(secret), mode)
        if algorithm == "sm4-gcm":
            # SM4 has 128-bit keys; ours are longer, so its key is derived.
            return Cipher(algorithms.SM4(HKDF(SHA256(), 16, None, b"stvs sm4").derive(secret)), mode)
        raise ValueError(algorithm)


def key_id(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:8]


def new_key() -> str:
    """A new random key, in the form that the settings take."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


_ring: KeyRing | None = None


def install(ring: KeyRing) -> None:
    """Make the ring the one that models use. One instance of the product runs in a process, so it is one a process."""
    global _ring
    _ring = ring


def ring() -> KeyRing:
    if _ring is None:
        raise RuntimeError("no key ring is installed")
    return _ring
