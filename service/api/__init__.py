"""The rest of the HTTP interface, on FastAPI: one module to a subject."""
