"""The mailroom: from the picture of an envelope to the address on it."""
