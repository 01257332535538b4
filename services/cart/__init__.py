"""The cart service: what a shopper is about to buy, kept in Redis."""
