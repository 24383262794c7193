"""Programs for node, one a peer."""
