"""Texts shown to people."""
