"""Sending e-mails and text messages to people outside."""
