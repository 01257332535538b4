"""The shipping service: one shipment per order, which leaves only when it is paid for."""
