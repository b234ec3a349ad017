"""What is allowed: pure decisions over facts."""
