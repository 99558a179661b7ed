"""The mailroom: pictures of envelopes taken in, read, asked about, corrected, and kept sealed for a time."""
