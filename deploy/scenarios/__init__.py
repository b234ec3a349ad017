"""Scenarios as files: read with the line of whatever is wrong, and reported."""
