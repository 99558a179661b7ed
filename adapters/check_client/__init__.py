"""The caller's side of the check API, for any switch or gateway."""
