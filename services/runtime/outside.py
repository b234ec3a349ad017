"""The outside world, connected: the one place that knows which adapter stands for which port."""

from dataclasses import dataclass

from domain.policy import Policy
from services.runtime.ports import Bus, Clock, Journal, Model, Sms
from services.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Outside:
    """The ports a process works with."""

    settings: Settings
    policy: Policy
    journal: Journal
    bus: Bus
    sms: Sms
    model: Model
    clock: Clock
