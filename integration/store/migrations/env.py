"""Runs the migrations on the connection that `store.migrate` hands over; it must not find a database by itself."""

from alembic import context

from integration.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="attune_version",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
