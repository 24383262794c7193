"""Pure rules of the road-chief scheme (路长制): no clock, no I/O but the package's own tables."""
