"""Alembic's scripts; imported only when a schema is behind."""
