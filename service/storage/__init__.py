"""What is kept and how: the database, sealing, lines of files."""
