"""One method per operation of contracts/storefront.yaml, under its operationId; a module for each area of the shop."""
