"""HTTP, in and out: the application that a contract describes, and the client of another service."""
