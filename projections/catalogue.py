"""Every projection there is."""

from projections.charges import CHARGES
from projections.dead_letters import DEAD_LETTERS
from projections.due import DUE
from projections.escalations import ESCALATIONS
from projections.harness_health import HARNESS_HEALTH
from projections.inbox import INBOX
from projections.outbox import OUTBOX
from projections.people import PEOPLE
from projections.safety import SAFETY
from projections.shifts import SHIFTS
from projections.spending import MODEL_DAYS, SPENDING
from projections.transcript import TRANSCRIPT
from projections.view import AnyProjection

PROJECTIONS: tuple[AnyProjection, ...] = (
    DUE,
    OUTBOX,
    INBOX,
    TRANSCRIPT,
    PEOPLE,
    SAFETY,
    DEAD_LETTERS,
    HARNESS_HEALTH,
    ESCALATIONS,
    SPENDING,
    CHARGES,
    MODEL_DAYS,
    SHIFTS,
)
