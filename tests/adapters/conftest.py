"""What every test of an adapter may ask for."""

from tests.adapters.nats_fixture import bus, nats_server
from tests.adapters.postgres_fixture import database_url, postgres

__all__ = ["bus", "database_url", "nats_server", "postgres"]
