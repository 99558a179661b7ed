"""Tables of facts about envelopes."""
