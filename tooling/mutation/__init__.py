"""What shows that the contracts bite: each of their constraints is weakened once, and something must notice."""
