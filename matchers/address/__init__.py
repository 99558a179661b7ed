"""Addresses: reading one, comparing two, and the keys by which one finds its candidates."""

from matchers.address.compare import compare, explain
from matchers.address.find import find_in_text, find_postcodes, mentioned_anywhere, mentioned_at
from matchers.address.keys import listing_keys, probe_keys
from matchers.address.model import Address, Comparison, FieldMatch
from matchers.address.parts import parts
from matchers.address.read import read
from matchers.address.sources import Span, sources

__all__ = [
    "Address",
    "Comparison",
    "FieldMatch",
    "Span",
    "compare",
    "explain",
    "find_in_text",
    "find_postcodes",
    "listing_keys",
    "mentioned_anywhere",
    "mentioned_at",
    "parts",
    "probe_keys",
    "read",
    "sources",
]
