"""The steps, oldest first. None takes anything away: nothing in this database is deleted."""
