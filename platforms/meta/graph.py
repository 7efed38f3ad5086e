"""Calls of the Graph API. The token travels in a header, so that no log of addresses holds it."""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import urllib3

from platforms.base import Account
from platforms.failures import SendFailed, TryLater, Unknown
from platforms.http import pool
from platforms.meta.failing import failure


def call(
    account: Account,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    query: dict[str, str] | None = None,
    files: dict[str, Any] | None = None,
    writes: bool = False,
) -> dict[str, Any]:
    """The answer's object. `files`: the fields of a multipart body. `writes`: an unclear outcome may mean done.

    Raises SendFailed.
    """
    headers = {"Authorization": f"Bearer {account.token}"} if account.token else {}
    fields = {**(query or {}), **_proof(account)}
    options: dict[str, Any] = {"fields": files} if files else {"json": body} if body is not None else {}
    url = f"{account.api_url}/{path}"
    try:
        answer = pool().request(method, _with_query(url, fields), headers=headers, redirect=False, **options)
    except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError):
        raise TryLater("Meta cannot be reached.") from None
    except urllib3.exceptions.HTTPError as error:
        unclear = Unknown if writes else TryLater
        raise unclear("Meta did not answer, so it is not known whether this was sent.", type(error).__name__) from None
    return _read(answer, writes)


def _read(answer: urllib3.BaseHTTPResponse, writes: bool) -> dict[str, Any]:
    try:
        found = json.loads(answer.data)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and "error" in found:
        raise failure(found["error"], answer.status, _regain(answer), writes)
    if isinstance(found, dict) and answer.status < 300:
        return found
    raise _unreadable(answer.status, writes)


def _unreadable(status: int, writes: bool) -> SendFailed:
    if 400 <= status < 500:
        return TryLater(f"Meta answered {status} without a reason.", str(status))
    if writes:
        return Unknown("Meta's answer was no answer, so it is not known whether this was sent.", str(status))
    return TryLater("Meta's answer was no answer.", str(status))


def _regain(answer: urllib3.BaseHTTPResponse) -> float | None:
    """Seconds until calls are allowed again, if the answer says so."""
    try:
        usage = json.loads(answer.headers.get("X-Business-Use-Case-Usage", "{}"))
        minutes = [one.get("estimated_time_to_regain_access", 0) for ones in usage.values() for one in ones]
        return max(minutes) * 60.0 or None if minutes else None
    except (ValueError, AttributeError, TypeError):
        return None


def _proof(account: Account) -> dict[str, str]:
    """That the caller knows the app's secret and not only the token."""
    if not (account.secrets and account.token):
        return {}
    key, token = account.secrets[0].encode(), account.token.encode()
    return {"appsecret_proof": hmac.new(key, token, hashlib.sha256).hexdigest()}


def _with_query(url: str, fields: dict[str, str]) -> str:
    return f"{url}?{urlencode(fields)}" if fields else url
