"""What the notifications service can refuse: nothing. It answers what it sent, and an empty list where it sent nothing."""
