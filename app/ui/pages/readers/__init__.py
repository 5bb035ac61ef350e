"""The readers page: what is connected, and a trial for scanners."""
