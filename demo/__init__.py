"""The demo: a shopper's whole way through the shop, told step by step."""
