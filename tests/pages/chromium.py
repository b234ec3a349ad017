"""Chromium for the tests of pages: the machine's own, or the one Playwright keeps."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Literal

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Request,
    sync_playwright,
)

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "not run, for there is no Chromium here: `apt-get install chromium`, or"
    " `python -m playwright install chromium`"
)


class NoBrowser(Exception):
    """No page can be opened here; `str()` says what would help."""


def launched(playwright: Playwright) -> Browser:
    """Return a browser.  Raises `NoBrowser`."""
    found = [path for name in _NAMES if (path := which(name)) is not None]
    kept = playwright.chromium.executable_path
    if Path(kept).is_file():
        found.append(kept)
    if not found:
        raise NoBrowser(MISSING)
    try:
        return playwright.chromium.launch(executable_path=found[0], args=ARGUMENTS)
    except Error as error:
        raise NoBrowser(f"Chromium does not start: {error.message.splitlines()[0]}") from None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of a module; they are skipped, and say so, where there is none."""
    with sync_playwright() as playwright:
        try:
            browser = launched(playwright)
        except NoBrowser as error:
            pytest.skip(str(error))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """One page for all tests of a module: a new one costs more than most of them do in it."""
    page = browser.new_page()
    yield page
    page.close()


@contextmanager
def anew(
    page: Page,
    url: str,
    width: int,
    height: int,
    scheme: Literal["light", "dark"] = "light",
) -> Generator[list[str]]:
    """
    Lend a page as if it had just been opened, with a window of this size.

    Yields what it complains of: errors and warnings, also of a violated policy, and whatever is
    asked of anybody but `url`.
    """
    complaints: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    def failed(error: Error) -> None:
        complaints.append(str(error))

    def asked(request: Request) -> None:
        if not request.url.startswith(url):
            complaints.append(request.url)

    page.context.clear_cookies()
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    page.on("console", said)
    page.on("pageerror", failed)
    page.on("request", asked)
    try:
        yield complaints
    finally:
        page.remove_listener("console", said)
        page.remove_listener("pageerror", failed)
        page.remove_listener("request", asked)
        page.unroute_all(behavior="ignoreErrors")
        page.goto("about:blank")  # which ends its streams
