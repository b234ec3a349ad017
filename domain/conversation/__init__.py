"""A conversation: what its past means (`state`) and what may happen next (`decisions`)."""

from domain.conversation.state import Conversation, evolve
from domain.decider import Memory

conversation = Memory(Conversation(), evolve)
