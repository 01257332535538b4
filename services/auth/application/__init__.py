"""The use cases of the auth service: what requests come down to."""
