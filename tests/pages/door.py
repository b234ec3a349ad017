"""How a browser of the tests comes into the console of a running system."""

import json

from playwright.sync_api import Page

from tests.journeys.system import System, parley


def let_in(page: Page, system: System) -> None:
    """Sign in, by a link as whoever runs a deployment makes it, and stand on the overview."""
    page.goto(json.loads(parley(system.state, "sign-in", "--json"))["link"])
