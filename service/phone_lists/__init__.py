"""Prisoners' lists in the phone system, held against the restrictions in force."""
