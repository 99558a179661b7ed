"""Other people's systems: their words to ours and back, one folder each."""
