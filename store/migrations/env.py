"""Runs the revisions on the connection that `store.migrate` hands in, inside its one transaction."""

from alembic import context

from store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
    transactional_ddl=True,  # the transaction is begun by hand, so SQLite rolls back its DDL too
    compare_type=True,
)
context.run_migrations()
