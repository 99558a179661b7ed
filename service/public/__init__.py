"""The public form: anybody asks for contact to be stopped, and this process keeps nothing of it that it can read.

It imports nothing of the service but `service/web` and its own modules: no registry, no ledger, no vault.
"""
