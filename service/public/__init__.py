"""The public form: anybody asks for contact to be stopped, and nothing is kept that could be read here.

It imports nothing of the service but `service/web` and its own modules: no registry, no ledger, no vault.
"""
