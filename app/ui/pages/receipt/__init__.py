"""The receipt page: one receipt, to be signed, saved and printed."""
