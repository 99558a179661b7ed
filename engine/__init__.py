"""The decision: restrictions, compiled blocklist, policy, screener. No I/O, no clock of its own."""
