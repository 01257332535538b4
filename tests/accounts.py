"""Whose accounts the tests of services use: two shoppers and an admin."""

from uuid import UUID

from tooling.conformance.callers import Caller

ASHA = Caller(UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2c001"), "asha@example.com", "customer")
BRAM = Caller(UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2c002"), "bram@example.com", "customer")
ADMIN = Caller(UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2c003"), "admin@example.com", "admin")
