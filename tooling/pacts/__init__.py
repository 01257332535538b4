"""What services expect of each other: the files, what must be there, and whether it was found to hold."""
