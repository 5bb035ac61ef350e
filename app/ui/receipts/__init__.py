"""The receipt as something to see, to sign, to save and to print."""
