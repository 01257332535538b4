"""The promises of the shop, in shoppers' words, and what drives the running shop to keep them."""
