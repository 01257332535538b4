# Generated from contracts/storefront.yaml by scripts/generate.py. Do not edit.

from __future__ import annotations

from typing import TypeAlias

from msgspec import UNSET, Struct, UnsetType

Html: TypeAlias = str


class BareForm(Struct, frozen=True, kw_only=True):
    csrf: str


class RegistrationForm(Struct, frozen=True, kw_only=True):
    csrf: str
    email: str
    password: str
    then: str | UnsetType = UNSET


class PasswordResetForm(Struct, frozen=True, kw_only=True):
    csrf: str
    token: str
    password: str


class EmailVerificationForm(Struct, frozen=True, kw_only=True):
    csrf: str
    token: str


class SignInForm(Struct, frozen=True, kw_only=True):
    csrf: str
    email: str
    password: str
    then: str | UnsetType = UNSET
