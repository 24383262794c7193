"""The platforms' own and independent SDKs talk to our fakes, unchanged: so the fakes speak the protocol.

They are installed for the test run alone, into a temporary folder. Without node, or without a registry that gives the
packages, a test is skipped and says so; once a package is there, whatever it finds wrong is a failure.
"""
