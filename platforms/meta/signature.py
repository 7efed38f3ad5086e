"""X-Hub-Signature-256: HMAC-SHA256 of the raw body with the app's secret."""

import hashlib
import hmac
from collections.abc import Iterable


def is_signed(body: bytes, header: str | None, secrets: Iterable[str]) -> bool:
    """Whether one of the secrets signed these bytes. Constant time for each."""
    given = (header or "").encode("utf-8", "replace")
    matches = [hmac.compare_digest(given, signature(body, secret).encode()) for secret in secrets if secret]
    return any(matches)


def signature(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
