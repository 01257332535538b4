"""Which of the answers and events that the contracts declare were seen, and by whom."""
