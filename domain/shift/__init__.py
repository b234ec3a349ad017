"""What the next shift of the global agent is given of a conversation, and whether it has it."""
