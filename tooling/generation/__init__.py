"""Everything that is derived from contracts/ and asyncapi/, one module per thing derived."""
