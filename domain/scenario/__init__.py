"""Scenarios: a person, what they text over time, what the model says, and what must come of it."""
