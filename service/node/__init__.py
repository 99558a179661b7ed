"""The screening half alone, in a prison: follows the feed, answers from memory, records, and forwards."""
