"""What the two platforms of Meta's do alike."""

import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from platforms.base import Account, Adapter, Fact, Item, Outgoing, Profile, Settings
from platforms.failures import NeedsReauth, Refused
from platforms.meta.envelope import dict_of, id_of, split, text_of
from platforms.meta.graph import call
from platforms.meta.reading import read_item
from platforms.meta.signature import is_signed

# What Deskbell understands of a page's events, and of the Instagram account that belongs to it.
PAGE_FIELDS = (
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
)
NEEDED = ("messages", "messaging_postbacks")
KINDS = ("image", "video", "audio")


class MetaAdapter(Adapter):
    fields: tuple[str, ...]  # of the subscription
    profile_fields: str
    names_tag = True  # whether an echo brings back `metadata`

    def verify_tokens(self, settings: Settings) -> list[str]:
        return list(settings["META_VERIFY_TOKENS"])

    def answer_handshake(self, query: Mapping[str, str], tokens: list[str]) -> str | None:
        given = query.get("hub.verify_token", "").encode("utf-8", "replace")
        matches = [hmac.compare_digest(given, token.encode()) for token in tokens]
        if query.get("hub.mode") != "subscribe" or not given or not any(matches):
            return None
        return query.get("hub.challenge", "")

    def is_genuine(self, body: bytes, headers: Mapping[str, str], secrets: Iterable[str]) -> bool:
        return is_signed(body, headers.get("X-Hub-Signature-256"), secrets)

    def split(self, body: bytes) -> list[Item] | None:
        return split(body)

    def read(self, item: Item) -> Fact:
        return read_item(item)

    def send(self, account: Account, message: Outgoing) -> str | None:
        content = self._uploaded(account, message) if message.file else {"text": message.text}
        if self.names_tag:
            content["metadata"] = message.tag
        body: dict[str, Any] = {"recipient": {"id": message.person}, **self._kind_of(message), "message": content}
        if message.reply_to:
            body["reply_to"] = {"mid": message.reply_to}
        return id_of(call(account, "POST", f"{account.path}/messages", body, writes=True).get("message_id"))

    def _kind_of(self, message: Outgoing) -> dict[str, str]:
        if message.human:
            return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        return {"messaging_type": "RESPONSE"}

    def _uploaded(self, account: Account, message: Outgoing) -> dict[str, Any]:
        kind = message.content_type.partition("/")[0]
        kind = kind if kind in KINDS else "file"
        attachment = {"attachment": {"type": kind, "payload": {"is_reusable": False}}}
        assert message.file is not None  # noqa: S101 -- for the type checker
        files = {
            "message": json.dumps(attachment),
            "filedata": (message.name, message.file.read_bytes(), message.content_type),
        }
        answer = call(account, "POST", f"{account.path}/message_attachments", files=files)
        attachment_id = id_of(answer.get("attachment_id"))
        if attachment_id is None:
            raise Refused("Meta took the file but gave it no name.")
        return {"attachment": {"type": kind, "payload": {"attachment_id": attachment_id}}}

    def show_typing(self, account: Account, person: str) -> None:
        self._act(account, person, "typing_on")

    def mark_seen(self, account: Account, person: str) -> None:
        self._act(account, person, "mark_seen")

    def _act(self, account: Account, person: str, action: str) -> None:
        call(account, "POST", f"{account.path}/messages", {"recipient": {"id": person}, "sender_action": action})

    def profile(self, account: Account, person: str) -> Profile:
        answer = call(account, "GET", person, query={"fields": self.profile_fields})
        parts = (answer.get("first_name"), answer.get("last_name"))
        full = text_of(answer.get("name"), 200) or " ".join(text_of(one, 100) for one in parts if one)
        return Profile(full.strip() or text_of(answer.get("username"), 100) or None, self._picture(answer))

    def _picture(self, answer: dict[str, Any]) -> str | None:
        url = text_of(answer.get("profile_pic"), 2000)
        return url if url.startswith(("https://", "http://")) else None

    def subscribe(self, account: Account) -> list[str]:
        try:
            self._subscribe(account, self.fields_of(account))
        except Refused:  # Meta does not know one of them any more, or the app may not have it
            self._subscribe(account, NEEDED)
        data = call(account, "GET", f"{account.path}/subscribed_apps").get("data")
        apps = [dict_of(app) for app in data] if isinstance(data, list) else []
        return sorted({text_of(one) for app in apps for one in app.get("subscribed_fields") or []})

    def fields_of(self, account: Account) -> tuple[str, ...]:
        return self.fields

    def _subscribe(self, account: Account, fields: tuple[str, ...]) -> None:
        call(account, "POST", f"{account.path}/subscribed_apps", query={"subscribed_fields": ",".join(fields)})

    def unsubscribe(self, account: Account) -> None:
        call(account, "DELETE", f"{account.path}/subscribed_apps")

    def media_hosts(self, account: Account) -> tuple[str, ...]:
        """A Graph API on loopback is a simulator: its pictures come from there, too."""
        parts = urlsplit(account.api_url)
        return (f"{parts.hostname}:{parts.port}",) if parts.hostname in ("127.0.0.1", "localhost") else ()

    def _is_this(self, account: Account, found: Any) -> None:
        if id_of(found) != account.id:
            raise NeedsReauth(f"This token belongs to {id_of(found) or 'nobody'}, not to {account.id}.")
