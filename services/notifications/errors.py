"""What the notifications service can refuse: nothing. It answers what it sent, or an empty list."""
