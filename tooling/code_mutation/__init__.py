"""What shows that the services' tests bite: their code is changed one expression at a time, and one must fail."""
