# Generated from contracts/ and asyncapi/ by scripts/generate.py. Do not edit.

"""What is derived from the contracts, and from the services' statements."""
