"""A platform without a network that wears another one's capabilities: the demo and the tests talk through it."""
