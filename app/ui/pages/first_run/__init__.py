"""The first-run page: names the tenant of a station that has none, and what the tenant must do."""
