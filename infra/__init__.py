"""What the shop stands on: where its parts run, how they are made ready, and the gateway in front of them."""
