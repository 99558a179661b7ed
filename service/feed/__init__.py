"""The list in force on its way to the prisons: signed, numbered changes, and what each node says of them."""
