"""The browser of the tests of pages."""

from tests.pages.chromium import browser

__all__ = ["browser"]
