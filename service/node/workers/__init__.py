"""Several processes that answer in a prison, with one memory of the list and one ledger."""
