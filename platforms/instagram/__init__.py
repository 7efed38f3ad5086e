"""Instagram direct messages of a professional account."""

from dataclasses import replace

from platforms.base import Account, Settings, Token
from platforms.meta.adapter import PAGE_FIELDS, MetaAdapter
from platforms.meta.envelope import text_of
from platforms.meta.graph import call
from platforms.meta.pieces import split_text, utf8_bytes

OF_A_PAGE = "EAA"  # how tokens of Facebook's begin
LONGEST = 1000  # bytes of a text in UTF-8


class Instagram(MetaAdapter):
    name = "INSTAGRAM"
    title = "Instagram"
    names_tag = False
    profile_fields = "name,username,profile_pic"
    fields = (
        "messages",
        "message_reactions",
        "messaging_postbacks",
        "messaging_seen",
        "messaging_referral",
        "messaging_handover",
        "standby",
    )

    def account(self, settings: Settings, external_id: str, token: str) -> Account:
        """Spoken for by a token of its own, at Instagram, or by that of its Facebook page, at Facebook."""
        of_meta, own = tuple(settings["META_APP_SECRETS"]), tuple(settings["INSTAGRAM_APP_SECRETS"])
        if token.startswith(OF_A_PAGE):
            return Account(external_id, token, settings["GRAPH_API_URL"], "me", of_meta)
        return Account(external_id, token, settings["INSTAGRAM_GRAPH_API_URL"], external_id, own or of_meta)

    def signing_secrets(self, settings: Settings) -> list[str]:
        """Events come through either app."""
        return [*settings["META_APP_SECRETS"], *settings["INSTAGRAM_APP_SECRETS"]]

    def verify_tokens(self, settings: Settings) -> list[str]:
        return [*settings["INSTAGRAM_VERIFY_TOKENS"], *settings["META_VERIFY_TOKENS"]]

    def split_text(self, text: str) -> list[str]:
        return split_text(text, LONGEST, utf8_bytes)

    def fields_of(self, account: Account) -> tuple[str, ...]:
        """With a page's token it is the page that is subscribed, which may be a channel, too."""
        return PAGE_FIELDS if account.path == "me" else self.fields

    def unsubscribe(self, account: Account) -> None:
        if account.path != "me":
            super().unsubscribe(account)

    def renew_token(self, account: Account) -> Token | None:
        """A token of the Instagram login lives 60 days and is renewed from its second day on."""
        if account.path == "me":
            return None  # a page's
        query = {"grant_type": "ig_refresh_token", "access_token": account.token}
        root = account.api_url.rpartition("/v")[0] or account.api_url
        answer = call(replace(account, api_url=root), "GET", "refresh_access_token", query=query)
        lifetime = answer.get("expires_in")
        return Token(text_of(answer.get("access_token"), 2000), float(lifetime if isinstance(lifetime, int) else 0))

    def account_name(self, account: Account) -> str:
        """`user_id` is what events name; `id` is another number of the same account."""
        answer = call(account, "GET", "me", query={"fields": "user_id,username"})
        self._is_this(account, answer.get("user_id") or answer.get("id"))
        return text_of(answer.get("username"), 200) or account.id
