"""The contract with Graph: the OpenAPI subset, and the check that an answer keeps it."""
