"""The storefront: what people see of the shop, as pages made of what the other services answer."""
