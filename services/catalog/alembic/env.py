"""Whose tables these migrations are."""

from services.chassis.migrations import migrate

migrate("catalog")
