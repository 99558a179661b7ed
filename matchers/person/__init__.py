"""People's names: read as they are written, compared, weighed, and found in what people say.

`read` takes a text to a `Person`; `compare` and `compare_any` say whether two can be one; `rarity` says what
a match is worth; `ways_of_naming` gives what to look for in a message, of what `spoken_forms` makes and more;
`written_as` gives the other spellings of a word.
"""

from matchers.person.comparing import NameMatch, compare, compare_any
from matchers.person.naming import Naming, Way, ways_of_naming
from matchers.person.reading import Person, fold, is_seen, read
from matchers.person.speaking import rarity, spoken_forms
from matchers.person.written import written_as

__all__ = [
    "NameMatch",
    "Naming",
    "Person",
    "Way",
    "compare",
    "compare_any",
    "fold",
    "is_seen",
    "rarity",
    "read",
    "spoken_forms",
    "ways_of_naming",
    "written_as",
]
