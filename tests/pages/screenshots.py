"""
Pictures of every page of the console, over a system that has lived through a day.

`python -m tests.pages.screenshots FOLDER` writes each page wide and narrow, light and dark, and the
three of the README small.  The day is kept in FOLDER/state, so that a second run only takes
pictures; names behind FOLDER choose pages.
"""

import base64
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.system import System
from tests.pages.chromium import NoBrowser, launched
from tests.pages.day import Day
from tests.pages.door import let_in

README = ("overview-wide-light", "conversation-wide-dark", "in-danger-phone-light")
WIDE, NARROW = {"width": 1200, "height": 800}, {"width": 375, "height": 720}
LOOKS = {
    "wide-light": (WIDE, "light"), "wide-dark": (WIDE, "dark"),
    "phone-light": (NARROW, "light"), "phone-dark": (NARROW, "dark"),
}  # fmt: skip
LISTS = {
    "overview": "/", "conversations": "/conversations", "safety": "/safety", "outbox": "/outbox",
    "due": "/due", "dead-letters": "/dead-letters", "people": "/people",
    "escalations": "/escalations", "shifts": "/shifts", "spending": "/spending",
    "harness": "/harness", "harness-hours": "/harness?per=hour", "settings": "/settings",
}  # fmt: skip


def main(folder: Path, *only: str) -> None:
    """Live the day unless it was lived, and take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / "state"
    lived = state.exists()
    system = System(state)
    system.start()
    try:
        if not lived:
            Day(system).live()
        with sync_playwright() as playwright:
            browser = launched(playwright)
            for look in LOOKS:
                _look(browser, system, folder, look, only)
            browser.close()
    finally:
        system.close()


def places(system: System) -> Iterator[tuple[str, str]]:
    """Yield every page by name: the lists, and one of each thing that has a page of its own."""
    yield from LISTS.items()
    talk = _busiest(system)
    yield "conversation", f"/conversations/{talk['conversation_id']}"
    facts = system.console(f"conversations/{talk['conversation_id']}/facts", limit=200)["items"]
    middle = facts[2 * len(facts) // 3]["version"]
    yield "time-travel", f"/conversations/{talk['conversation_id']}/facts?at={middle}"
    yield "person", f"/people/{talk['person_id']}"
    yield "past-person", f"/people/{talk['person_id']}/facts?at=3"
    yield "erase", f"/people/{talk['person_id']}/erase"
    if cases := system.console("safety")["items"]:
        yield "case", f"/safety/{cases[0]['case_id']}"
        yield "in-danger", f"/conversations/{cases[0]['conversation_id']}"
    if months := system.console("spending")["items"]:
        yield "month", f"/spending/{months[0]['account']}"


def _busiest(system: System) -> dict[str, Any]:
    talks = system.console("conversations", limit=200)["items"]
    found: dict[str, Any] = max(talks, key=lambda talk: talk["heard"])
    return found


def _look(
    browser: Browser, system: System, folder: Path, look: str, only: tuple[str, ...]
) -> None:
    size, scheme = LOOKS[look]
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    let_in(page, system)
    for name, place in places(system):
        if only and name not in only:
            continue
        _taken(page, f"{system.addresses['console']}{place}", folder / f"{name}-{look}.png")
    context.close()


def _taken(page: Page, address: str, path: Path) -> None:
    page.goto(address)
    page.wait_for_selector('#live[data-state="live"]')
    for card in page.locator("details.turn").all()[:2]:
        card.locator(":scope > summary").click()
    page.screenshot(path=str(path), full_page=True)
    if path.stem in README:
        told = {"format": "webp", "quality": 60, "optimizeForSpeed": False}
        taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", told)
        path.with_suffix(".webp").write_bytes(base64.b64decode(taken["data"]))


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"), *sys.argv[2:])
    except NoBrowser as error:
        sys.exit(str(error))
