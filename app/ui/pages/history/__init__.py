"""The history page: everything that was ever handed over at this desk."""
