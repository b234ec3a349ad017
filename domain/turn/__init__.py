"""Thinking about one turn, in reading order: see pipeline.py."""
