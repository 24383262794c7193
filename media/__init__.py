"""Photos in: kept as they came, looked at only from outside, decoded only in a limited child process."""
