"""The notifications service: one mail per order and kind of news."""
