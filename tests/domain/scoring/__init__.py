"""The month's figures against a second computation."""
