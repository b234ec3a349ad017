"""Access to the console: keys, one-time links, sessions, and what was revealed to whom."""
