"""The tier: danger that no single rule can say, weighed over a whole text."""
