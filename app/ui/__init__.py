"""The window: the only package that knows Qt. It renders notices and passes gestures on."""
