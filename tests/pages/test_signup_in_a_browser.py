"""The sign-up page in a real browser: a phone's width, light and dark, by keyboard alone."""

from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import Page, expect

from services.runtime.serving import WebServer, listen
from tests.pages.chromium import anew
from tests.services.test_signup_page import Site

WIDTH, HEIGHT = 320, 640

# WCAG 2.2: relative luminance of two colours, and the contrast between them.
CONTRAST = """([front, back]) => {
  const light = (colour) => {
    const parts = colour.match(/[0-9.]+/g).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const [more, less] = [light(front), light(back)].sort((a, b) => b - a);
  return (more + 0.05) / (less + 0.05);
}"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    import asyncio

    server = WebServer(Site().app, listen("127.0.0.1", 0))
    thread = Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.stop()
    thread.join()


@pytest.fixture(params=["light", "dark"])
def page(tab: Page, url: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    with anew(tab, url, WIDTH, HEIGHT, request.param) as complaints:
        tab.goto(f"{url}/signup")
        yield tab
    # A style that the policy refuses would complain here, and so would anything from elsewhere.
    assert [told for told in complaints if "400" not in told and "favicon" not in told] == []


def colour(page: Page, selector: str, name: str) -> str:
    found: str = page.locator(selector).first.evaluate(
        "(element, name) => getComputedStyle(element)[name]", name
    )
    return found


def test_it_fits_a_narrow_phone_and_is_styled(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth")

    assert wide <= WIDTH
    assert colour(page, "button", "backgroundColor") != "rgb(239, 239, 239)"
    box = page.get_by_role("button").bounding_box()
    assert box is not None
    assert box["height"] >= 44


@pytest.mark.parametrize(
    ("front", "back"),
    [("h1", "body"), (".soft", "body"), (".agree", "form"), ("button", "button")],
)
def test_words_stand_out(page: Page, front: str, back: str) -> None:
    pair = [colour(page, front, "color"), colour(page, back, "backgroundColor")]

    assert page.evaluate(CONTRAST, pair) >= 4.5


def test_it_is_filled_in_by_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.type("212 555 0123")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Look at your phone")
    assert "555" not in page.url


def test_what_is_wrong_is_announced_and_what_was_typed_stays(page: Page) -> None:
    page.get_by_label("Your mobile number").fill("12")
    page.get_by_role("checkbox").check()
    page.get_by_role("button").click()

    expect(page.get_by_role("alert")).to_have_text("Please check the number.")
    expect(page.get_by_label("Your mobile number")).to_have_value("12")
