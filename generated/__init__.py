"""Made from contracts/ and asyncapi/ by scripts/generate.py."""
