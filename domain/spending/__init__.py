"""A month's money: what its past means (`state`), what may be spent of it (`decisions`)."""

from domain.decider import Memory
from domain.spending.state import Spending, evolve

spending = Memory(Spending(), evolve)
