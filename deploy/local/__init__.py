"""The embedded column: PostgreSQL, NATS and a simulated carrier, without root or Docker."""
