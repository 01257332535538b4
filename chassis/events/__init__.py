"""Kafka: the outbox and its relay, consumers and their inbox, dead letters."""
