"""The running service under load: how many checks a second it answers, and what it keeps when killed."""
