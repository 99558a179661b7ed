"""Canaries: restricted contact points of the service's own, tried on purpose at each channel's entrance."""
