"""How a browser of the tests comes into the console of a running system."""

from playwright.sync_api import Page

from tests.journeys.system import System


def let_in(page: Page, system: System) -> None:
    """Open the console."""
    page.goto(system.addresses["console"])
