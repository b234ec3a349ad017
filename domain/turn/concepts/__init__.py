"""Concepts: what people say when somebody is in danger, as lists of phrases that can be read."""
