"""What the console shows of conversations on their way to a shift."""

from collections.abc import Callable

from projections.shifts import SHIFTS
from projections.view import AnyProjection
from tests.facts import TALK, later
from tests.projections.stage import Stage
from tests.projections.stories import (
    PACKAGE,
    contradicted,
    ended,
    offered,
    packaged,
    processed,
    received,
    started,
)

Set = Callable[[AnyProjection], Stage]


def test_what_goes_on_is_not_shown(stage: Set) -> None:
    stage(SHIFTS).after(started(), received()).shows()


def test_a_conversation_from_its_end_to_its_acceptance(stage: Set) -> None:
    told = stage(SHIFTS).after(started(), received(), ended())
    told.shows({"conversation_id": TALK, "state": "ended", "end_reason": "done", "offers": 0})
    told.after(packaged())
    told.shows({"state": "waiting", "package_id": PACKAGE, "truncated": False, "offers": 0})
    told.after(offered(1), offered(2))
    told.shows({"state": "waiting", "offers": 2, "again_at": later(1261)})
    told.after(processed())
    told.shows({"state": "accepted", "shift_id": "s-9", "again_at": None, "contradictions": 0})
    told.after(contradicted(), contradicted("s-11"))
    told.shows(
        {"state": "accepted", "shift_id": "s-9", "contradictions": 2, "contradicted_by": "s-11"}
    )
