"""A carrier that fails three times in ten, the same ones in every run: nobody gets two or none."""

import pytest

from tests.journeys.system import System
from tests.soak.faulty_carrier import send_through


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_a_thousand_sends(own: System, share: float) -> None:
    send_through(own, max(int(1_000 * share), 100), first=21_000, patience=900)
