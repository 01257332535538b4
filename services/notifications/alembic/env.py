"""Whose tables these migrations are."""

from chassis.data.migrations import run_migrations

run_migrations("notifications")
