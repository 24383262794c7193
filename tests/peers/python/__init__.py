"""Programs for a Python of their own, one a peer; they import nothing of ours."""
