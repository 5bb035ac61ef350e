"""The session page: who is signed in, and what they may do."""
