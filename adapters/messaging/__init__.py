"""Messages: texts on their way out through a gateway, and prisoners' replies by e-mail."""
