"""The quarter's figures against tables of boundaries and a second computation."""
