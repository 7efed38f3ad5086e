"""Meta's sign-in: a person lets Deskbell's app speak for pages of hers."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from platforms.base import Account, App
from platforms.failures import Refused
from platforms.meta.envelope import dict_of, id_of, text_of
from platforms.meta.graph import call

SCOPES = (
    "pages_show_list",
    "pages_messaging",
    "pages_manage_metadata",
    "pages_read_engagement",
    "business_management",
    "instagram_basic",
    "instagram_manage_messages",
)
MOST_PAGES = 200


@dataclass(frozen=True)
class Found:
    """A page, or the Instagram account that belongs to one; `token` speaks for both."""

    platform: str
    id: str
    name: str
    token: str


def dialog_url(api_url: str, app_id: str, redirect_uri: str, state: str) -> str:
    """Where the person is sent to be asked."""
    parts = urlsplit(api_url)
    base = f"https://www.facebook.com{parts.path}" if parts.hostname == "graph.facebook.com" else api_url
    query = {"client_id": app_id, "redirect_uri": redirect_uri, "state": state, "scope": ",".join(SCOPES)}
    return f"{base}/dialog/oauth?{urlencode(query)}"


def find_pages(api_url: str, app: App, code: str, redirect_uri: str) -> list[Found]:
    """What the person lets Deskbell speak for. Raises SendFailed."""
    nobody = Account("", "", api_url, "")
    own = {"client_id": app.id or "", "client_secret": app.secret or ""}
    short = _token(nobody, {**own, "redirect_uri": redirect_uri, "code": code})
    long = _token(nobody, {**own, "grant_type": "fb_exchange_token", "fb_exchange_token": short})
    secrets = (app.secret,) if app.secret else ()
    return _pages(Account("me", long, api_url, "me", secrets))


def _token(nobody: Account, query: dict[str, str]) -> str:
    token = text_of(call(nobody, "GET", "oauth/access_token", query=query).get("access_token"), 2000)
    if not token:
        raise Refused("Meta gave no token.")
    return token


def _pages(person: Account) -> list[Found]:
    found: list[Found] = []
    query = {"fields": "id,name,access_token,instagram_business_account{id,username}", "limit": "100"}
    while len(found) < MOST_PAGES:
        answer = call(person, "GET", "me/accounts", query=query)
        data = answer.get("data")
        for page in data if isinstance(data, list) else []:
            found += _of_page(dict_of(page))
        after = dict_of(dict_of(answer.get("paging")).get("cursors")).get("after")
        if not dict_of(answer.get("paging")).get("next") or not isinstance(after, str):
            break
        query = {**query, "after": after}
    return found


def _of_page(page: dict[str, object]) -> list[Found]:
    page_id, token = id_of(page.get("id")), text_of(page.get("access_token"), 2000)
    if page_id is None or not token:
        return []
    found = [Found("FACEBOOK", page_id, text_of(page.get("name"), 200) or page_id, token)]
    account = dict_of(page.get("instagram_business_account"))
    account_id = id_of(account.get("id"))
    if account_id is not None:
        found.append(Found("INSTAGRAM", account_id, text_of(account.get("username"), 200) or account_id, token))
    return found
