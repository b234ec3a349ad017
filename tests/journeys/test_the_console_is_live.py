"""Phone and console in one browser, over the whole system: what is texted shows by itself."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.system import System
from tests.pages.chromium import browser
from tests.pages.door import let_in

__all__ = ["browser"]

pytestmark = pytest.mark.browser


@pytest.fixture
def pages(browser: Browser, system: System) -> Iterator[tuple[Page, Page, list[str]]]:
    """A phone and a console, and every address beyond this machine that they asked for."""
    context, elsewhere = browser.new_context(), list[str]()
    own = ("http://127.0.0.1:", "http://localhost:")
    context.on(
        "request",
        lambda asked: None if asked.url.startswith(own) else elsewhere.append(asked.url),
    )
    phone, console = context.new_page(), context.new_page()
    phone.goto(system.addresses["phone"])
    let_in(console, system)
    yield phone, console, elsewhere
    context.close()


def test_a_text_on_the_phone_page_shows_on_the_console(
    pages: tuple[Page, Page, list[str]], system: System, phone: str
) -> None:
    device, console, elsewhere = pages
    own = device.locator(f'.phone[data-number="{phone}"]')
    sid = system.text(phone, "How do I get a break?")
    system.answered(phone)
    # What others said a moment ago may stand above it.
    [[stream]] = system.query(
        "SELECT originator_id FROM stored_events WHERE topic = 'conversation.message_received.v1'"
        " AND position(%s IN convert_from(state, 'UTF8')) > 0",
        sid,
    )
    own_talk = stream.removeprefix("conversation-")
    device.goto(f"{system.addresses['phone']}?numbers={phone.removeprefix('+')}")
    expect(console.get_by_role("status")).to_have_text("live")
    listed = 'section[aria-labelledby="conversations"]'
    console.locator(f'{listed} a.row[href*="{own_talk}"]').click()
    words = console.locator(".transcript .person .words")
    expect(words).to_have_text(["How do I get a break?"])
    expect(console.get_by_role("status")).to_have_text("live")

    box = own.get_by_role("textbox")
    box.fill("<script>document.title = 'mine'</script> and at night?")
    begun = time.monotonic()
    box.press("Enter")
    expect(words).to_have_count(2)
    print(f"on the console after {time.monotonic() - begun:.2f} s")

    expect(words.nth(1)).to_have_text("<script>document.title = 'mine'</script> and at night?")
    expect(console).not_to_have_title("mine")
    expect(console.locator(".transcript .agent")).to_have_count(2)
    assert elsewhere == []
