"""A person: what their past means (`state`) and what may happen next (`decisions`)."""

from domain.decider import Memory
from domain.person.state import Person, evolve

person = Memory(Person(), evolve)
