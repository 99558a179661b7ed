"""Every table, and the migrations that make them.

A package that owns tables is named here, so that the migrations see it.
"""

import service.access.tables
import service.ledger.tables
import service.registry.tables
import service.sealing  # noqa: F401 - each import brings its tables into `metadata`
from service.database import Database, metadata


def create(database: Database) -> None:
    """Make every table in an empty database."""
    metadata.create_all(database.engine)
