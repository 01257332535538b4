"""PostgreSQL: the pool, compiled statements, migrations, retention, the leader among replicas."""
