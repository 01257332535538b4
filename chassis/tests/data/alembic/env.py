from chassis.data.migrations import run_migrations

run_migrations("ledger")
