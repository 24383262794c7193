"""One module for each step of the schema; the number at the front of its name is the revision."""
