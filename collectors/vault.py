"""Tokens and passwords of sources: encrypted where they are kept, readable only for a request.

Fernet (AES-128-CBC with HMAC-SHA-256), with a key derived from the installation's secret key
(HKDF, RFC 5869), so that a copy of the database alone gives no token away.
"""

from base64 import urlsafe_b64encode
from functools import cached_property
from typing import TYPE_CHECKING

from collectors.contract import CollectError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class Vault:
    """Seals and opens secrets with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @cached_property
    def _fernet(self) -> "Fernet":
        # Loaded by whoever has a secret: most courses have none.
        from cryptography.fernet import Fernet
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derived = HKDF(SHA256(), 32, salt=None, info=b"moocfeed source secrets").derive(self._key)
        return Fernet(urlsafe_b64encode(derived))

    def seal(self, secret: str) -> str:
        """The form that may be stored; different each time."""
        return self._fernet.encrypt(secret.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """The secret. Raises `CollectError` `secret-unreadable`: sealed with another key."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise CollectError(
                "secret-unreadable",
                "the stored token cannot be read: it was encrypted with another secret key",
                mend="Set MOOCFEED_SECRET_KEY to the key it was stored under, or give it again"
                " with `moocfeed source add … --token-stdin`.",
            ) from None
