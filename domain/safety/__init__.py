"""A safety case: what its past means (`state`) and what a reviewer may do (`decisions`)."""

from domain.decider import Memory
from domain.safety.state import SafetyCase, evolve

safety_case = Memory(SafetyCase(), evolve)
