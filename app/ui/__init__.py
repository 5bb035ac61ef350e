"""The window: the only package that knows Qt. It renders what the station tells, and passes gestures on."""
