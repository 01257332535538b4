"""The use cases of the notifications service: queue a mail about an event, and send what is queued."""
