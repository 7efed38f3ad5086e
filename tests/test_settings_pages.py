"""The settings' pages as they are served. What they change is tested through the API."""

import re

import pytest
from flask.testing import FlaskClient

from tests.cast import Cast
from tests.test_team import browser_of

PAGES = ["profile", "sessions", "company", "team", "channels", "tokens", "deliveries"]
FOR_EVERYBODY = PAGES[:2]


@pytest.fixture
def owner(cast: Cast) -> FlaskClient:
    return browser_of(cast, cast.owner)


@pytest.fixture
def mate(cast: Cast) -> FlaskClient:
    cast.owner.patch(f"/api/agents/{cast.mate.agent_id}", {"role": "AGENT"})
    return browser_of(cast, cast.mate)


def channel_path(cast: Cast) -> str:
    return f"channels/{cast.company['channelId']}"


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_one_heading_and_says_where_one_is(owner: FlaskClient, name: str) -> None:
    page = owner.get(f"/settings/{name}")
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert re.search(rf'href="/settings/{name}" aria-current="page"', page.text)
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", PAGES)
def test_agents_have_their_own_pages_only(mate: FlaskClient, name: str) -> None:
    page = mate.get(f"/settings/{name}")
    assert page.status_code == (200 if name in FOR_EVERYBODY else 403)
    assert ("/settings/team" in page.text) is False


@pytest.mark.parametrize("name", PAGES)
def test_signed_out_they_lead_to_the_sign_in_page(cast: Cast, name: str) -> None:
    answer = cast.anyone().get(f"/settings/{name}")
    assert (answer.status_code, answer.location) == (302, f"/login?next=/settings/{name}")


def test_the_settings_begin_with_the_profile(owner: FlaskClient) -> None:
    assert owner.get("/settings").location == "/settings/profile"


def test_a_channel_shows_its_snippet_and_may_frame_its_preview(cast: Cast, owner: FlaskClient) -> None:
    page = owner.get(f"/settings/{channel_path(cast)}")
    assert f"data-key=&#34;{cast.company['widgetKey']}&#34;" in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    preview = owner.get(f"/settings/{channel_path(cast)}/preview")
    assert "frame-ancestors 'self'" in preview.headers["Content-Security-Policy"]
    assert preview.headers.get("X-Frame-Options", "SAMEORIGIN") == "SAMEORIGIN"
    assert "data-preview" in preview.text


def test_what_is_another_companys_is_not_there(cast: Cast) -> None:
    outsider = browser_of(cast, cast.outsider)
    for path in (f"/settings/{channel_path(cast)}", f"/settings/{channel_path(cast)}/preview"):
        assert outsider.get(path).status_code == 404


def test_names_with_markup_are_text(cast: Cast, owner: FlaskClient) -> None:
    name = "<img src=x onerror=alert(1)>\u202eevil</script>"
    channel = cast.owner.get(f"/api/{channel_path(cast)}").json["channel"]
    change = {"name": name, "version": channel["version"]}
    assert cast.owner.patch(f"/api/{channel_path(cast)}", change).status_code == 200
    assert cast.owner.patch("/api/me", {"name": name}).status_code == 200
    for path in ("profile", "team", "channels", channel_path(cast), f"{channel_path(cast)}/preview"):
        text = owner.get(f"/settings/{path}").text
        assert "<img src=x" not in text
        assert "evil</script>" not in text
