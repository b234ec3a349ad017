"""What every test of an adapter may ask for."""

from tests.adapters.postgres_fixture import database_url, postgres

__all__ = ["database_url", "postgres"]
