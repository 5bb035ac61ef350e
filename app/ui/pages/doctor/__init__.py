"""The doctor page: what works at this station and what does not, line by line."""
