# Generated from contracts/common.yaml by scripts/generate.py. Do not edit.

from __future__ import annotations

from typing import Literal, TypeAlias

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
