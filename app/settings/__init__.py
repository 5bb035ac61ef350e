"""What an administrator configured, read from files into one frozen value."""
