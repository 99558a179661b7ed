"""Cases: a request and what becomes of it."""
