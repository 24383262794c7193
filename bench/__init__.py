"""Speed and memory beside floor servers, as ratios measured in one run."""
