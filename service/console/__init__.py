"""The console: pages for the people who review, keep the restrictions, and look after the service."""
