"""Wire models, one module per contract."""
