# Generated from contracts/ and asyncapi/ by scripts/generate.py. Do not edit.

"""Wire models, one module per contract."""
