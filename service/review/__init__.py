"""Review: what was flagged waits here for a person, who upholds it or lets it go."""
