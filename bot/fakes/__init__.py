"""Loopback stand-ins for the chat platforms: they keep the platforms' rules, for rehearsal and for tests."""
