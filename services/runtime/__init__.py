"""Plumbing that every process shares."""
