"""Tests hold what they see against the contracts: every exchange and event, and what all operations answer alike."""
