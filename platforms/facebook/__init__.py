"""Messenger: the messages of a Facebook page."""

from dataclasses import replace
from datetime import UTC, datetime

from platforms.base import Account, App, Settings
from platforms.failures import NeedsReauth
from platforms.meta.adapter import PAGE_FIELDS, MetaAdapter
from platforms.meta.envelope import dict_of, text_of
from platforms.meta.failing import REAUTH
from platforms.meta.graph import call
from platforms.meta.pieces import split_text, utf16_units

LONGEST = 2000  # UTF-16 units of a text


class Facebook(MetaAdapter):
    name = "FACEBOOK"
    title = "Messenger"
    profile_fields = "first_name,last_name,name,profile_pic"
    fields = PAGE_FIELDS

    def account(self, settings: Settings, external_id: str, token: str) -> Account:
        return Account(external_id, token, settings["GRAPH_API_URL"], external_id, tuple(settings["META_APP_SECRETS"]))

    def signing_secrets(self, settings: Settings) -> list[str]:
        return list(settings["META_APP_SECRETS"])

    def split_text(self, text: str) -> list[str]:
        return split_text(text, LONGEST, utf16_units)

    def token_ends(self, account: Account, app: App) -> datetime | None:
        if not (app.id and app.secret):
            return None
        query = {"input_token": account.token}
        asking = replace(account, token=f"{app.id}|{app.secret}", secrets=())
        data = dict_of(call(asking, "GET", "debug_token", query=query).get("data"))
        if data.get("is_valid") is False:
            raise NeedsReauth(REAUTH, "debug_token")
        ends = data.get("expires_at")
        return datetime.fromtimestamp(ends, UTC) if isinstance(ends, int) and 0 < ends < 10**11 else None

    def account_name(self, account: Account) -> str:
        answer = call(account, "GET", "me", query={"fields": "id,name"})
        self._is_this(account, answer.get("id"))
        return text_of(answer.get("name"), 200) or account.id
