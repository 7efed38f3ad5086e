"""The inbox as it is served, before any script: the list that this browser chose last."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.cast import Cast
from tests.test_team import browser_of


@pytest.fixture
def owner(cast: Cast) -> FlaskClient:
    return browser_of(cast, cast.owner)


def first(browser: FlaskClient) -> dict[str, Any]:
    boot = re.search(r'id="boot">(.*?)</script>', browser.get("/").text, re.DOTALL)
    assert boot
    answer: dict[str, Any] = json.loads(boot[1])["first"]
    return answer


def listed(browser: FlaskClient) -> list[str]:
    return [row["id"] for row in first(browser)["conversations"]]


def test_it_holds_what_the_api_would_answer(cast: Cast, owner: FlaskClient) -> None:
    cast.visitor().write("One")
    cast.visitor().write("Two")
    page = first(owner)
    answer = cast.owner.get("/api/conversations?status=OPEN,PENDING").json
    assert page["conversations"] == answer["conversations"]
    assert (page["rev"], page["nextCursor"]) == (answer["rev"], None)
    assert page["counts"] == {"all": 2, "mine": 0, "unassigned": 2, "unread": 2}
    assert page["waiting"] == 2


def test_the_cookie_chooses_the_view(cast: Cast, owner: FlaskClient) -> None:
    mine, other = cast.visitor().write("Mine"), cast.visitor().write("Other")
    cast.owner.patch(f"/api/conversations/{mine}", {"assigneeId": cast.owner.agent_id})
    cast.owner.patch(f"/api/conversations/{other}", {"status": "RESOLVED"})
    for cookie, expected in {
        "mine.open": [mine],
        "unassigned.open": [],
        "all.resolved": [other],
        "all.all": [other, mine],
        "nonsense": [mine],
        "me; DROP.x": [mine],
    }.items():
        owner.set_cookie("deskbell_list", cookie)
        assert sorted(listed(owner)) == sorted(expected), cookie


def test_nobody_elses_conversations_are_in_it(cast: Cast) -> None:
    cast.visitor().write("Secret")
    assert listed(browser_of(cast, cast.outsider)) == []


def test_texts_are_text(cast: Cast, owner: FlaskClient) -> None:
    cast.visitor().write("<script>alert(1)</script></template>", name="<img src=x onerror=y>")
    page = owner.get("/").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_long_list_begins_with_one_page(cast: Cast, owner: FlaskClient) -> None:
    for _ in range(31):
        cast.visitor().write()
    page = first(owner)
    assert len(page["conversations"]) == 30
    assert page["nextCursor"]
