"""What the shop stands on: where its processes run, how they are made ready, and the gateway in front of them."""
