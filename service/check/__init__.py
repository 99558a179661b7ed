"""The check API: what the phone system and the mailroom ask."""
