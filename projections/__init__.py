"""What can be seen: one file a question."""
