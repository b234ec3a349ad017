"""An escalation: what its past means (`state`), and what may happen to it (`decisions`)."""

from domain.decider import Memory
from domain.escalation.state import Escalation, evolve

escalation = Memory(Escalation(), evolve)
