"""The shop from outside: people who use it through the gateway, and the mailbox they read."""
