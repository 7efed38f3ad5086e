"""Meta's error codes, and what follows from each: platforms/failures.py."""

from typing import Any

from platforms.failures import (
    Broken,
    NeedsReauth,
    Refused,
    Restricted,
    SendFailed,
    TryLater,
    Unknown,
    Unreachable,
    WindowClosed,
)
from platforms.meta.envelope import dict_of, text_of

WINDOW = "The time to answer is over: Meta allows an answer for 24 hours after the customer last wrote."
UNREACHABLE = "The customer cannot be written to: they blocked the page, deleted their account, or left."
REAUTH = "The connection to Meta is no longer valid. An admin has to connect this channel anew."
RESTRICTED = "Meta has restricted this page or account. Look into Meta's own support inbox."
OWNED = "Another app is answering this conversation. Take it over in Meta's inbox, or try again later."
FILE = "Meta could not take the file: it may be too large, or of a kind that it does not accept."
PERMISSION = "The Meta app lacks a permission for this. An admin has to look into the app's set-up at Meta."
DEVELOPMENT = "The Meta app is in development mode: it may only write to people who have a role in it."
BUSY = "Meta asks to wait: too many messages were sent."

# Subcodes say more than codes; some stand in `code` itself.
_BY_SUBCODE: dict[int, tuple[type[SendFailed], str]] = {
    **dict.fromkeys((2018278, 2534022, 2018065), (WindowClosed, WINDOW)),
    **dict.fromkeys((2018108, 1545041, 2018001, 2534014), (Unreachable, UNREACHABLE)),
    **dict.fromkeys((2018008, 2018047, 2018074, 2018109, 2018294), (Broken, FILE)),
    **dict.fromkeys((2018300, 2534037, 2018321), (Broken, OWNED)),
    **dict.fromkeys((458, 459, 460, 463, 464, 467), (NeedsReauth, REAUTH)),
    **dict.fromkeys((2534077, 2534013, 2534041), (NeedsReauth, REAUTH)),
    2018028: (Broken, DEVELOPMENT),
    **dict.fromkeys((1893063, 2534029, 2018338, 2022), (Restricted, RESTRICTED)),
    **dict.fromkeys((2534015, 2534068), (Refused, "Meta cannot take this message in this form.")),
    2534040: (TryLater, BUSY),
    1357046: (Unknown, "Meta reports a fault although this may have been sent."),
}
_BY_CODE: dict[int, tuple[type[SendFailed], str]] = {
    190: (NeedsReauth, REAUTH),
    551: (Unreachable, UNREACHABLE),
    368: (Restricted, RESTRICTED),
    3: (Broken, PERMISSION),
    10: (Broken, PERMISSION),
    **dict.fromkeys((4, 17, 32, 341, 613), (TryLater, BUSY)),
    **dict.fromkeys(range(200, 300), (Broken, PERMISSION)),
}


def failure(error: Any, status: int, regain: float | None, writes: bool) -> SendFailed:
    """What an error object of Meta's means. `regain`: seconds that it asks to wait. `writes`: as in graph.call."""
    error = dict_of(error)
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    name = f"{code}/{subcode}" if subcode else str(code)
    shown = text_of(error.get("error_user_msg"), 500).strip()
    kind, words = _kind(code, subcode, error, status, writes)
    if kind is TryLater:
        return TryLater(shown or words, name, regain)
    return kind(shown or words, name)


def _kind(code: int, subcode: int, error: dict[str, Any], status: int, writes: bool) -> tuple[type[SendFailed], str]:
    for number in (subcode, code):
        if number in _BY_SUBCODE:
            return _BY_SUBCODE[number]
    if code == 100 and "invalid fbid" in text_of(error.get("message")).lower():
        return Unreachable, UNREACHABLE
    if code == 100 and "appsecret_proof" in text_of(error.get("message")):
        return NeedsReauth, "The app secret that Deskbell is configured with does not belong to this token's app."
    if (code, subcode) == (1, 99):
        return Broken, PERMISSION
    if code in _BY_CODE:
        return _BY_CODE[code]
    if code in (1, 2, -1) or error.get("is_transient") is True or status >= 500:
        unclear = "Meta reports a fault, so it is not known whether this was sent."
        return (Unknown, unclear) if writes and status >= 500 and code != 2 else (TryLater, "Meta has a fault.")
    return Refused, text_of(error.get("message"), 300) or "Meta refused this message."


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0
