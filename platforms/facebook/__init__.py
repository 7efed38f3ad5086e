"""Messenger: the messages of a Facebook page."""

from platforms.base import Account
from platforms.meta.adapter import MetaAdapter
from platforms.meta.envelope import text_of
from platforms.meta.graph import call
from platforms.meta.pieces import split_text, utf16_units

LONGEST = 2000  # UTF-16 units of a text


class Facebook(MetaAdapter):
    name = "FACEBOOK"
    title = "Messenger"
    profile_fields = "first_name,last_name,name,profile_pic"
    fields = (
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

    def split_text(self, text: str) -> list[str]:
        return split_text(text, LONGEST, utf16_units)

    def account_name(self, account: Account) -> str:
        answer = call(account, "GET", "me", query={"fields": "id,name"})
        self._is_this(account, answer.get("id"))
        return text_of(answer.get("name"), 200) or account.id
