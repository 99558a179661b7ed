"""One decision, or two values side by side, shown to a person."""
