"""Tables of facts of the engine: tab-separated files, each with its source in the first line."""
