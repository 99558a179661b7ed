"""The PIN-phone: switches that ask before they connect, and the phone system's lists."""
