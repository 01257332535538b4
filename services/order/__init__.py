"""The order service: carts become orders, which are paid, cancelled, or come to nothing."""
