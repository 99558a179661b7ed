"""The list in force: made in one place, kept up to date, tried with another policy."""
