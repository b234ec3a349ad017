"""What every test of a projection may ask for."""

from tests.adapters.postgres_fixture import database_url, postgres
from tests.projections.stage import connection, stage, views_url

__all__ = ["connection", "database_url", "postgres", "stage", "views_url"]
