"""Typed clients, one module per service."""
