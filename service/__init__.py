"""What we run: the command line first."""
