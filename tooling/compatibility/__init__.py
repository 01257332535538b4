"""What holds the contracts themselves in order: the linter, the last release, and the rule for the next."""
