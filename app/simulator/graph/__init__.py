"""The Graph subset: one module per topic, all of them plain functions from a call to an answer."""
