"""The catalog service: categories, products and their images, and the stock that orders set aside."""
