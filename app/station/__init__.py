"""The use cases of a desk, asynchronous, over the ports of core."""
