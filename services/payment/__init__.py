"""The payment service: one payment per order, by a mock provider behind a port."""
