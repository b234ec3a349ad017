"""The browser of the tests of pages."""

from tests.pages.chromium import browser, tab

__all__ = ["browser", "tab"]
