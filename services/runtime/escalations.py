"""Escalations: the agent's requests come in, their status goes out."""

from contracts.agent import (
    ESCALATIONS_CANCELLED,
    ESCALATIONS_REQUESTED,
    EscalationWanted,
    EscalationWithdrawn,
)
from contracts.announcement import Announcement
from services.runtime.outside import Outside
from services.runtime.process import AgentSubscription


class Escalations:
    """The escalation half of the process `global_agent`."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def subscriptions(self) -> tuple[AgentSubscription, ...]:
        """Return what it hears of the agent."""
        return (
            AgentSubscription(ESCALATIONS_REQUESTED, EscalationWanted, self.requested),
            AgentSubscription(ESCALATIONS_CANCELLED, EscalationWithdrawn, self.cancelled),
        )

    async def requested(self, wanted: EscalationWanted) -> None:
        """Take a request in, or refuse it."""

    async def cancelled(self, withdrawn: EscalationWithdrawn) -> None:
        """Drop what the agent does not need any more."""

    async def hear(self, announced: Announcement) -> None:
        """Act on a fact that concerns an escalation; leave the others alone."""
