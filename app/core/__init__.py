"""What the station knows and decides: no Qt, no I/O, no clock, no threads, no logging."""
