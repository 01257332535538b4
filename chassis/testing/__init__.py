"""What tests of services share: databases and topics on servers that run, deliveries, faults, and waiting."""
