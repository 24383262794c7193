"""The edge and the wiring: command line, configuration, aiohttp application, platforms and workers."""
