# Generated from contracts/ and asyncapi/ by scripts/generate.py. Do not edit.

"""What each service asks its database, one module per service."""
