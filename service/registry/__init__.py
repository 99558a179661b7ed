"""The registry: restrictions, the confidential register and prisoners, with every version kept."""
