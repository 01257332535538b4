# Generated from contracts/common.yaml by scripts/generate.py. Do not edit.

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

SearchText: TypeAlias = str


class Health(Struct, frozen=True, kw_only=True):
    status: Literal["ok"]


class Check(Struct, frozen=True, kw_only=True):
    name: str
    status: Literal["ok", "failed"]


class Readiness(Struct, frozen=True, kw_only=True):
    status: Literal["ok"]
    checks: list[Check]


class Info(Struct, frozen=True, kw_only=True):
    service: str
    version: str


class DeadLetterStatus(StrEnum):
    """`OPEN`: somebody should see to it. `REDRIVEN`: it was sent back, and what became of it is not known yet. `HANDLED`: it has been handled since. `DISMISSED`: it was given up."""

    OPEN = "OPEN"
    REDRIVEN = "REDRIVEN"
    HANDLED = "HANDLED"
    DISMISSED = "DISMISSED"


class DeadLetter(Struct, frozen=True, kw_only=True):
    """An event that the service could not handle, without what is in it."""

    id: UUID
    status: DeadLetterStatus
    topic: str
    partition: int
    offset: int
    operation: str | None
    event_id: UUID | None
    key: UUID | None
    error: str
    tries: int
    failed_at: datetime
    redriven_at: datetime | None


class DeadLetterPage(Struct, frozen=True, kw_only=True):
    items: list[DeadLetter]
    next_cursor: str | None


class DeadLetterContent(Struct, frozen=True, kw_only=True):
    letter: DeadLetter
    size: int
    value: str | None


class Fault(Struct, frozen=True, kw_only=True):
    pointer: str
    rule: str


CountryWithoutPostcodes: TypeAlias = str


class Problem(Struct, frozen=True, kw_only=True):
    """An RFC 9457 problem. `type` is stable; what was sent is never repeated."""

    type: str
    title: str
    status: int
    detail: str | UnsetType = UNSET
    errors: list[Fault] | UnsetType = UNSET
    checks: list[Check] | UnsetType = UNSET
