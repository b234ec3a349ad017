"""A follow-up: what its past means (`state`) and what may happen when it is due (`decisions`)."""

from domain.decider import Memory
from domain.follow_up.state import FollowUp, evolve

follow_up = Memory(FollowUp(), evolve)
