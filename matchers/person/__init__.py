"""People's names: read as they are written, compared, weighed, and found in what people say.

`read` takes a text to a `Person`; `compare` and `compare_any` say whether two can be one; `rarity` says what
a match is worth; `spoken_forms` gives the phrases to look for in a message.
"""

from matchers.person.comparing import NameMatch, compare, compare_any
from matchers.person.reading import Person, fold, read
from matchers.person.speaking import rarity, spoken_forms

__all__ = ["NameMatch", "Person", "compare", "compare_any", "fold", "rarity", "read", "spoken_forms"]
