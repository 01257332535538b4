"""Pages that people read, made from the contracts: one of each, and an index that shows how they belong together."""
