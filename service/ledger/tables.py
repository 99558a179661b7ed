"""The tables."""

from service.ledger.record import ledger

__all__ = ["ledger"]
