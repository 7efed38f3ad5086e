"""The demo shop: its pages, its links, and the widget on them."""

import re

import pytest

from blueprints.dashboard.shop import BELLS, Bell
from tests.cast import Cast

PAGES = ["/demo", "/demo/care", *(f"/demo/shop/{bell.slug}" for bell in BELLS)]


def get(cast: Cast, path: str) -> tuple[int, str]:
    page = cast.anyone().get(path, headers={"Accept": "text/html"})
    return page.status_code, page.text


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_widget_and_one_heading(cast: Cast, path: str) -> None:
    status, page = get(cast, path)
    assert status == 200
    assert f'data-key="{cast.company["widgetKey"]}"' in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("bell", BELLS, ids=lambda bell: bell.slug)
def test_a_bell_has_a_page_with_its_price_and_its_drawing(cast: Cast, bell: Bell) -> None:
    _, page = get(cast, f"/demo/shop/{bell.slug}")
    for part in (bell.name, bell.price, bell.text[0].split(".")[0]):
        assert part.replace("'", "&#39;") in page
    assert f'id="bell-{bell.slug}"' in page
    assert page.count('class="good"') == 3


def test_the_home_page_leads_to_every_bell(cast: Cast) -> None:
    _, page = get(cast, "/demo")
    for bell in BELLS:
        assert f'href="/demo/shop/{bell.slug}"' in page


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_the_shop_carries_the_key_on(cast: Cast, path: str) -> None:
    key = cast.company["widgetKey"]
    _, page = get(cast, f"{path}?key={key}")
    links = re.findall(r'href="(/demo[^"]*)"', page)
    assert len(links) >= 4
    assert all(f"key={key}" in link for link in links)
    _, plain = get(cast, path)
    assert "key=" not in "".join(re.findall(r'href="([^"]*)"', plain))


@pytest.mark.parametrize("path", ["/demo/shop/doorbell", "/demo/shop/", "/demo/nothing", "/demo/care?key=nobody"])
def test_what_is_not_there_is_not_found(cast: Cast, path: str) -> None:
    assert get(cast, path)[0] == 404
