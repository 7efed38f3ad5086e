"""The Graph API's endpoints: each takes a Call and returns what is answered as JSON, or raises GraphError."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from simulator.state import APP_ID, DAY, Account, GraphError, State
from simulator.webhook import Webhook

ACTIONS = ("typing_on", "typing_off", "mark_seen")


@dataclass
class Call:
    state: State
    webhook: Webhook
    base: str  # where the simulator is
    method: str
    path: str  # without the version
    query: dict[str, str]
    body: dict[str, Any]  # fields of the body, whatever its form; `filedata` is the number of its bytes
    token: str

    def account(self) -> Account:
        """Whom the token speaks for. GraphError if it is dead, or the proof is wrong."""
        found = self.state.account_of(self.token)
        if found is None:
            raise GraphError(190, "Invalid OAuth access token.", status=401)
        if found.token_error:
            raise GraphError(190, "The session has been invalidated.", found.token_error.get("subcode", 460), 401)
        proof = self.query.get("appsecret_proof") or self.body.get("appsecret_proof")
        if proof is None and self.state.options["require_proof"]:
            raise GraphError(100, "API calls from the server require an appsecret_proof argument")
        if proof is not None and proof != self.state.proof(self.token):
            raise GraphError(100, "Invalid appsecret_proof provided in the API argument")
        return found


def send(call: Call) -> dict[str, Any]:
    """POST /<id or me>/messages"""
    account, state = call.account(), call.state
    person_id = str(_object(call.body.get("recipient")).get("id", ""))
    message, action = call.body.get("message"), call.body.get("sender_action")
    if (message is None) == (action is None):
        raise GraphError(100, "Exactly one of message and sender_action is needed", 2018014)
    if person_id not in state.people:
        raise GraphError(100, "No matching user found", 2018001 if account.kind == "page" else 2534014)
    if action is not None:
        if action not in ACTIONS:
            raise GraphError(100, "Unknown sender_action")
        return {"recipient_id": person_id}
    message = _object(message)
    _check_window(call, account, person_id)
    _check_text(account, message)
    mid = f"{'m_' if account.kind == 'page' else 'ig_'}sim{state.number():06}"
    with state.lock:
        state.sent.append({"mid": mid, "account": account.id, "person": person_id, "message": message})
    _tell(call, account, person_id, message, mid)
    return {"recipient_id": person_id, "message_id": mid}


def _check_window(call: Call, account: Account, person_id: str) -> None:
    wrote_at = call.state.people[person_id].wrote_at
    age = call.state.now() - wrote_at if wrote_at is not None else float("inf")
    is_tagged = call.body.get("messaging_type") == "MESSAGE_TAG" and call.body.get("tag") == "HUMAN_AGENT"
    if age > (7 * DAY if is_tagged else DAY):
        subcode = 2018278 if account.kind == "page" else 2534022
        raise GraphError(10, "(#10) This message is sent outside of allowed window.", subcode)


def _check_text(account: Account, message: dict[str, Any]) -> None:
    text = message.get("text")
    if text is None:
        return
    too_long = len(text.encode("utf-16-le")) // 2 > 2000 if account.kind == "page" else len(text.encode()) > 1000
    if not text or too_long:
        raise GraphError(100, "Length of param message[text] must be less than or equal to the limit")


def _tell(call: Call, account: Account, person_id: str, message: dict[str, Any], mid: str) -> None:
    """The echo, and that it arrived and was read."""
    echo, moment = call.state.options["echo"], int(call.state.now() * 1000)
    page, person = {"id": account.id}, {"id": person_id}
    said: dict[str, Any] = {"mid": mid, "is_echo": True}
    if account.kind == "page":
        said |= {"app_id": int(APP_ID), "metadata": message.get("metadata")}
    if message.get("text"):
        said["text"] = message["text"]
    elif attachment := _object(message.get("attachment")):
        said["attachments"] = [{"type": attachment.get("type"), "payload": {"url": f"{call.base}/cdn/picture.png"}}]
    item = {"sender": page, "recipient": person, "timestamp": moment, "message": said}
    kind = account.kind
    for _ in range({"never": 0, "twice": 2}.get(echo, 1)):
        delay = 0.0 if echo == "before" else 0.2
        call.webhook.emit(kind, account.id, [item], delay=delay)
    if not call.state.options["receipts"]:
        return
    back = {"sender": person, "recipient": page}
    if kind == "page":
        arrived = {**back, "timestamp": moment + 50, "delivery": {"mids": [mid], "watermark": moment + 1}}
        call.webhook.emit(kind, account.id, [arrived], delay=0.6)
    read = {"watermark": moment + 1} if kind == "page" else {"mid": mid}
    call.webhook.emit(kind, account.id, [{**back, "timestamp": moment + 900, "read": read}], delay=1.5)


def upload(call: Call) -> dict[str, Any]:
    """POST /<id or me>/message_attachments"""
    call.account()
    if not call.body.get("filedata"):
        raise GraphError(100, "Upload attachment failure.", 2018047)
    return {"attachment_id": str(10**15 + call.state.number())}


def profile(call: Call) -> dict[str, Any]:
    """GET /<person>, and GET /<page> or /me"""
    account = call.account()
    name = call.path.strip("/")
    if name in ("me", account.id):
        if account.kind == "instagram":
            return {"user_id": account.id, "id": f"9{account.id}", "username": account.name, "name": account.name}
        return {"id": account.id, "name": account.name}
    person = call.state.people.get(name)
    if person is None:
        raise GraphError(100, f"Object with ID '{name}' does not exist", 33)
    if error := person.profile_error:
        raise GraphError(error["code"], error.get("message", "No profile"), error.get("subcode"))
    picture = f"{call.base}/cdn/{name}.png"
    if account.kind == "instagram":
        return {"id": name, "name": person.name, "username": person.name.lower(), "profile_pic": picture}
    first, _, last = person.name.partition(" ")
    return {"id": name, "first_name": first, "last_name": last, "name": person.name, "profile_pic": picture}


FIELDS = {
    "page": {
        "messages",
        "message_echoes",
        "message_deliveries",
        "message_reads",
        "message_reactions",
        "message_edits",
        "messaging_postbacks",
        "messaging_referrals",
        "messaging_optins",
        "messaging_handovers",
        "standby",
        "messaging_policy_enforcement",
    },
    "instagram": {
        "messages",
        "message_reactions",
        "messaging_postbacks",
        "messaging_seen",
        "messaging_referral",
        "messaging_handover",
        "standby",
    },
}


def subscribed(call: Call) -> dict[str, Any]:
    account = call.account()
    if call.method == "GET":
        data = [{"id": APP_ID, "subscribed_fields": account.fields}] if account.fields else []
        return {"data": data}
    if call.method == "DELETE":
        account.fields = []
        return {"success": True}
    wanted = (call.query.get("subscribed_fields") or call.body.get("subscribed_fields") or "").split(",")
    for place, one in enumerate(wanted):
        if one not in FIELDS[account.kind]:
            raise GraphError(100, f"(#100) Param subscribed_fields[{place}] must be one of {sorted(FIELDS)}")
    account.fields = wanted
    return {"success": True}


def register(call: Call) -> dict[str, Any]:
    """POST /<app>/subscriptions: asks the callback whether it was told this address."""
    given = {**call.body, **call.query}
    challenge = str(call.state.number())
    asked = {"hub.mode": "subscribe", "hub.verify_token": given.get("verify_token", ""), "hub.challenge": challenge}
    if call.webhook.ask(str(given.get("callback_url", "")), asked) != challenge:
        raise GraphError(2200, "(#2200) Callback verification failed.")
    return {"success": True}


def accounts(call: Call) -> dict[str, Any]:
    """GET /me/accounts of the user token: one page of the list, and another one."""
    if call.token != "user-token-long":
        raise GraphError(190, "Invalid OAuth access token.", status=401)
    pages = [one for one in call.state.accounts.values() if one.kind == "page"]
    linked = next((one for one in call.state.accounts.values() if one.kind == "instagram"), None)
    listed = [{"id": one.id, "name": one.name, "access_token": one.token, "tasks": ["MESSAGING"]} for one in pages]
    if linked is not None:
        listed[0] |= {"instagram_business_account": {"id": linked.id, "username": linked.name}}
    if call.query.get("after"):
        return {"data": listed[1:], "paging": {}}
    more = f"{call.base}/v26.0/me/accounts?{urlencode({'after': 'x'})}"
    paging = {"cursors": {"after": "x"}, "next": more} if len(listed) > 1 else {}
    return {"data": listed[:1], "paging": paging}


def debug_token(call: Call) -> dict[str, Any]:
    found = call.state.account_of(call.query.get("input_token", ""))
    if found is None or found.token_error:
        return {"data": {"is_valid": False, "error": {"code": 190, "subcode": 460, "message": "Invalid"}}}
    return {"data": {"is_valid": True, "expires_at": 0, "app_id": APP_ID, "scopes": ["pages_messaging"]}}


def exchange(call: Call) -> dict[str, Any]:
    """GET /oauth/access_token: a code for a short token, a short one for a long one."""
    if call.query.get("client_secret") != call.state.secret:
        raise GraphError(1, "Error validating client secret.")
    if call.query.get("grant_type") == "fb_exchange_token":
        if call.query.get("fb_exchange_token") != "user-token-short":
            raise GraphError(190, "Invalid token")
        return {"access_token": "user-token-long", "token_type": "bearer", "expires_in": 60 * DAY}
    if call.query.get("code") != "good-code":
        raise GraphError(100, "This authorization code has expired.", 36007)
    return {"access_token": "user-token-short", "token_type": "bearer", "expires_in": 3600}


def refresh(call: Call) -> dict[str, Any]:
    """GET /refresh_access_token of an Instagram account."""
    token = call.query.get("access_token") or call.token
    account = call.state.account_of(token)
    if account is None or account.token_error:
        raise GraphError(190, "Session has expired", 463)
    account.token = f"{account.token}+"
    return {"access_token": account.token, "token_type": "bearer", "expires_in": 60 * DAY}


Endpoint = Callable[[Call], dict[str, Any]]

ROUTES: list[tuple[str, str, Endpoint]] = [
    ("POST", r"/[^/]+/messages", send),
    ("POST", r"/[^/]+/message_attachments", upload),
    ("GET|POST|DELETE", r"/[^/]+/subscribed_apps", subscribed),
    ("POST", r"/[^/]+/subscriptions", register),
    ("GET", r"/me/accounts", accounts),
    ("GET", r"/debug_token", debug_token),
    ("GET", r"/oauth/access_token", exchange),
    ("GET", r"/refresh_access_token", refresh),
    ("GET", r"/[^/]+", profile),
]


def answer(call: Call) -> dict[str, Any]:
    for methods, pattern, endpoint in ROUTES:
        if call.method in methods.split("|") and re.fullmatch(pattern, call.path):
            return endpoint(call)
    raise GraphError(2500, "Unknown path components", status=404)


def _object(value: Any) -> dict[str, Any]:
    """Form fields hold JSON."""
    if isinstance(value, str):
        value = json.loads(value)
    return value if isinstance(value, dict) else {}
