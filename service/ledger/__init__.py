"""The ledger: every decision, change, sign-in and view of protected details, one record each, chained."""
