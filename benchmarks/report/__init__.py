"""One report of the speed of everything, each figure beside its peer's of the same run: `make bench`."""
