"""How much a finding tells, where no matcher measures it: the table `tables/scores.tsv`, read once."""

from matchers.tables import rows

SCORES: dict[tuple[str, str], float] = {
    (what, found): float(score) for what, found, score in rows("scores", "engine.tables")
}
"""By what was looked for (a number, an address or a name in a text) and how it was found."""
