"""Contracts as they are read: documents without references, and what validates values against their schemas."""
