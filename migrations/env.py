"""Alembic's environment for both families. The caller hands the open connection, the metadata and the roles over.

Reads no settings and opens nothing: `migrations.upgrade` and `migrations.generate` own the connection and its commit.
"""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=attributes.get("metadata"),
    roles=attributes["roles"],
    render_as_batch=attributes.get("as_batch", False),
    transactional_ddl=True,  # kit.planes takes SQLite's transactions from the driver, so its DDL rolls back as well
    **attributes.get("options", {}),
)
context.run_migrations()
