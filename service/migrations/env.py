"""What Alembic runs: the steps, on the connection and in the transaction that `migrations.schema` gives."""

from alembic import context

from service.migrations import schema

context.configure(connection=context.config.attributes["connection"], **schema.COMPARISON)
context.run_migrations()
