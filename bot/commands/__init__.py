"""The commands of the command line, one module each; every one returns its exit code."""
