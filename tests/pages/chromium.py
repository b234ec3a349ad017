"""Chromium for the tests of pages: the machine's own, or the one Playwright keeps."""

from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from playwright.sync_api import Browser, Error, Playwright, sync_playwright

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
