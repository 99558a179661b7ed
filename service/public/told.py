"""What whoever asked is told later, in her language.

Whoever else reads it learns nothing: not who asked, for whom, whom it is about, nor that it has to do with a
prison. The reference is all that is filled in.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from service.public.words import Language, _, words

TellStep = Literal["received", "in_force", "refused", "withdrawal_asked", "ended", "closed"]

SUBJECT = _("About your request %(reference)s")
LATER = _("Say the reference %(reference)s whenever you get in touch with us.")
TEXTS: dict[TellStep, tuple[str, ...]] = {
    "received": (
        _("We have received what you sent us. Somebody will read it, and we will tell you what comes of it."),
    ),
    "in_force": (
        _("We have agreed to your request. It is in force now."),
        _("If it goes on all the same, tell us: you can use the same form."),
    ),
    "refused": (
        _("We could not agree to your request."),
        _("You can ask us why. You can ask again at any time, above all when something has changed."),
    ),
    "withdrawal_asked": (
        _("Somebody asked us to end your request. Nothing has ended."),
        _("We will call you back on the number that you gave us at first, before anything is decided."),
        _("If this was not you, tell us at once."),
    ),
    "ended": (
        _("Your request has ended, as we were asked."),
        _("If this is not what you want, tell us at once. You can ask again at any time."),
    ),
    "closed": (
        _("We have looked into what you told us, and have closed your report."),
        _("If it goes on, tell us again: you can use the same form."),
    ),
}
"""Paragraphs by what has happened."""


class Told(NamedTuple):
    """A message, ready to be sent."""

    subject: str
    text: str


def told(step: TellStep, reference: str, language: Language) -> Told:
    """What is said of a step."""
    say = words(language)
    lines = (say(text) for text in TEXTS[step])
    return Told(say(SUBJECT, reference=reference), "\n\n".join((*lines, say(LATER, reference=reference))))
