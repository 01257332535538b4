"""The use cases: what handlers and subscribers call, and what alone decides."""
