"""Every projection there is."""

from projections.due import DUE
from projections.inbox import INBOX
from projections.outbox import OUTBOX
from projections.people import PEOPLE
from projections.transcript import TRANSCRIPT
from projections.view import AnyProjection

PROJECTIONS: tuple[AnyProjection, ...] = (DUE, OUTBOX, INBOX, TRANSCRIPT, PEOPLE)
