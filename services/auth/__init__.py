"""The auth service: accounts, sessions, and the keys that sign access tokens."""
