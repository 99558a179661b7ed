"""What every request meets first, whatever it asks: HTTP, limits, errors, who is calling."""
