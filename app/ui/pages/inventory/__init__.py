"""The inventory page: every token of the tenant, stock, and what is done to many."""
