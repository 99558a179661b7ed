"""Text in, normal form and comparison out. Nothing here knows a restriction."""
