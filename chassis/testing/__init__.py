"""What the services' tests share: real infrastructure, and waiting that says what it saw."""
