"""PostgreSQL: the pool, compiled statements, the unit of work, migrations."""
