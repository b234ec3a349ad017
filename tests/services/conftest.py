"""Real neighbours, for the processes that are little more than a road between two of them."""

from tests.adapters.nats_fixture import bus, nats_server
from tests.adapters.postgres_fixture import database_url, postgres

__all__ = ["bus", "database_url", "nats_server", "postgres"]
