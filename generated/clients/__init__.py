# Generated from contracts/ and asyncapi/ by scripts/generate.py. Do not edit.

"""Typed clients, one module per service."""
