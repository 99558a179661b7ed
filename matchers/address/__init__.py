"""Addresses: reading one, comparing two, and the keys by which one finds its candidates.

The path of a string, from text to fields:

1. `read` takes off what is no part of an address (a mark of the post, a date, a telephone number), folds
   it (`vocabulary.fold`), and sends it on by its country: to `uk`, to `us` or to `foreign` (`abroad_signs`
   says for which countries a text has a sign, `abroad_parts` and `abroad_street` read by the words of many
   languages, `abroad_british` what is written as a British address). What is written plainly, as most
   addresses are, `plain` reads at once, and says exactly what all that follows would.
2. `uk` takes out the postcode (`postcode`, with `misreadings` for a damaged one) and parts the lines.
3. `scan` goes through each line's words: `repair` puts right those that carry the structure, `said_numbers`
   those that say a number, `boxes` finds a post box, `units` the parts of a building, `written_numbers` a
   number in any form; the rest becomes phrases, each of a kind. `house_numbers` keeps a number until it is
   known which phrase it belongs to.
4. `uk` gives each phrase its part by its kind and by those around it: an `Address` (`model`). `sources`
   says where in the text each part stood. Two addresses in one text, `parts` cuts in two:
   `joints` says what joins them, `number_lists` has several numbers of one street. `line_marks` puts line
   breaks for what stands for them, `sites` one word for what caravan sites and boats are called.
5. A text has several `readings` where it allows them: one in each country that it may be of, those of
   `alternatives`, `rewritten` and `pointers`, and on an envelope that of the lines below its `recipients`.
   They stand side by side until comparison; only the likeliest makes two addresses the same for sure.

From fields to candidates: `keys` makes the keys that a listed address is filed under and those that a given
one is looked up by. In a long message `find` finds addresses first; `mentioned` finds a few listed ones by
their parts. `apart` leaves out of the candidates what is another door at a few looks.

From two addresses to an answer, in `compare`: `splits` cuts both at the same words; `doors` holds the numbers
against one another (`strokes` the two of "54/6", `flats` those of flats), `fields` the postcodes, streets,
buildings and places (`names` says how alike two names are, `us_names` and `abroad_compare` where they are not
British); `rules` makes a level of it, and the table of weights a probability.

What a word may be (a type of street, a town, an abbreviation) is in `vocabulary`, out of `tables/`.
"""

from matchers.address.apart import IsApart, apart_from
from matchers.address.compare import compare, explain
from matchers.address.find import find_in_text, find_postcodes, mentioned_at
from matchers.address.keys import listing_keys, postcode_key, probe_keys
from matchers.address.mentioned import (
    MentionedAddress,
    Needed,
    Words,
    digits_of,
    location_code,
    mentioned_by_parts,
    needed,
)
from matchers.address.model import Address, Comparison, FieldMatch
from matchers.address.parts import left_out, parts
from matchers.address.reach import Reach, reach
from matchers.address.read import every_reading, read, readings
from matchers.address.sources import Span, sources

__all__ = [
    "Address",
    "Comparison",
    "FieldMatch",
    "IsApart",
    "MentionedAddress",
    "Needed",
    "Reach",
    "Span",
    "Words",
    "apart_from",
    "compare",
    "digits_of",
    "every_reading",
    "explain",
    "find_in_text",
    "find_postcodes",
    "left_out",
    "listing_keys",
    "location_code",
    "mentioned_at",
    "mentioned_by_parts",
    "needed",
    "parts",
    "postcode_key",
    "probe_keys",
    "reach",
    "read",
    "readings",
    "sources",
]
