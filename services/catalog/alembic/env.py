"""Whose tables these migrations are."""

from chassis.data.migrations import migrate

migrate("catalog")
