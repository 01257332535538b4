"""Client packages of the shop's public operations, for those who call it from outside."""
