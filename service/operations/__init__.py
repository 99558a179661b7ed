"""What keeps the service running: logs, metrics, health, backup and restore."""
