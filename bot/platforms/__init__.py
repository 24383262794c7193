"""Chat platforms, each a folder: callback (bytes → Incoming), client (Outgoing → API), errors, capabilities."""
