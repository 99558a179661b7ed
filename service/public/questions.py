"""The questions of the form: what is asked, of whom, in which order, and what an answer has to be.

A text is English here; `words.py` has it in Welsh. `_` marks it for the translator.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from service.public.answers import LONGEST_ADDRESS, LONGEST_TEXT, Answers, iso_date
from service.public.fields import ByAsker, Field, Question, Wrong, wrong_with
from service.public.words import _

EARLIEST = date(1900, 1, 1)
"""Of a date of birth."""


def _others(answers: Answers) -> bool:
    return answers.who != "self"


def _officials(answers: Answers) -> bool:
    return answers.who in ("police", "probation", "organisation")


def _stops(answers: Answers) -> bool:
    return answers.kind != "continuing"


def _continues(answers: Answers) -> bool:
    return answers.kind == "continuing"


_has_address = re.compile(r"\S@\S").search


def _reachable(answers: Answers) -> Iterable[Wrong]:
    if not (answers.email.strip() or answers.phone.strip() or answers.safely.strip()):
        yield Wrong("email", _("Enter an email address or a phone number, or tell us how to reach you"))
    elif answers.email.strip() and not _has_address(answers.email):
        yield Wrong("email", _("Enter an email address with an @, like name@example.com"))


def _date(answers: Answers) -> Iterable[Wrong]:
    if not any(part.strip() for part in answers.born):
        return
    try:
        born = date.fromisoformat(iso_date(answers.born))
    except ValueError:
        born = date.max
    if not EARLIEST <= born < date.today():
        yield Wrong("born", _("Enter a real date of birth, like 27 3 1985, or leave it empty"))


_YES_NO = (("yes", _("Yes")), ("no", _("No")), ("unsure", _("I am not sure")))
_WOULD = (("yes", _("Yes, it would")), ("no", _("No, it would not")), ("unsure", _("I am not sure")))
_WAYS = (
    ("letter", _("Letters or parcels")),
    ("call", _("Phone calls")),
    ("text", _("Texts, emails, messages or social media")),
    ("through_somebody", _("Through somebody else, such as a friend or relative")),
    ("fellow_prisoner", _("Through another prisoner")),
    ("illegal_mobile", _("From a mobile phone in the prison")),
    ("other", _("In another way")),
)

QUESTIONS = (
    Question(
        "kind",
        _("What do you want to do?"),
        (
            Field(
                "kind",
                _("Request"),
                "choice",
                needed=_("Choose what you want to do"),
                options=(
                    ("stop", _("Ask for contact from a prisoner to be stopped")),
                    ("continuing", _("Report contact that goes on although it was asked to stop")),
                ),
            ),
        ),
    ),
    Question(
        "who",
        _("Who are you?"),
        (
            Field(
                "who",
                _("Who asks"),
                "choice",
                needed=_("Choose who you are"),
                options=(
                    ("self", _("I am the person who does not want contact")),
                    ("family", _("I am her or his family or friend")),
                    ("police", _("I am from the police")),
                    ("probation", _("I am from probation")),
                    ("organisation", _("I am from another organisation, such as a support service")),
                ),
            ),
        ),
    ),
    Question(
        "organisation",
        _("Which organisation are you from?"),
        (
            Field(
                "organisation",
                _("Police force, probation office or organisation"),
                needed=_("Enter the name of your organisation"),
            ),
            Field("reference", _("Your own reference, such as a crime number (optional)")),
        ),
        _officials,
    ),
    Question(
        "asker",
        _("What is your name?"),
        (Field("asker", _("Your name"), needed=_("Enter your name"), is_name=True),),
    ),
    Question(
        "reach",
        _("How can we reach you safely?"),
        (
            Field("email", _("Email address"), keyboard="email"),
            Field("phone", _("Phone number"), keyboard="tel"),
            Field(
                "safely",
                _("When and how is it safe to contact you?"),
                "text",
                hint=_(
                    "For example: only by text, weekdays from 9 to 3; or write to my support worker instead"
                ),
                longest=LONGEST_TEXT,
            ),
        ),
        says=(_("We use only what you give here. Leave out what somebody else can see or answer."),),
        wrong=_reachable,
    ),
    Question(
        "prisoner",
        _("What is the prisoner’s name?"),
        (
            Field(
                "prisoner",
                _("Prisoner’s name"),
                hint=_(
                    "If you do not know it, write “not known” and tell us on the next page what you do know"
                ),
                needed=_("Enter the prisoner’s name, or “not known”"),
                is_name=True,
            ),
        ),
    ),
    Question(
        "prisoner_more",
        _("What else do you know about the prisoner?"),
        (
            Field(
                "number",
                _("Prisoner number"),
                hint=_("One letter, four digits and two letters, like A1234BC"),
            ),
            Field("prison", _("Prison")),
            Field("born", _("Date of birth"), "date", hint=_("For example, 27 3 1985")),
            Field(
                "about",
                _("Anything else that helps us to find the right person"),
                "text",
                hint=_("Such as other names, an age, a court and a date of sentence"),
                longest=LONGEST_TEXT,
            ),
        ),
        says=(_("Leave empty what you do not know."),),
        wrong=_date,
    ),
    Question(
        "person",
        _("Who does not want to be contacted?"),
        (Field("person", _("Name of the person"), needed=_("Enter the name of the person"), is_name=True),),
        _others,
    ),
    Question(
        "aliases",
        ByAsker(
            _("What other names might the prisoner use for you?"), _("What other names does the person have?")
        ),
        (
            Field(
                "aliases",
                _("Other names"),
                "lines",
                hint=_(
                    "Such as a maiden name, a nickname or another spelling. Leave it empty if there are none"
                ),
                another=_("Add another name"),
                is_name=True,
            ),
        ),
    ),
    Question(
        "addresses",
        ByAsker(_("Which addresses should letters not go to?"), _("What are the person’s addresses?")),
        (
            Field(
                "addresses",
                _("Addresses"),
                "texts",
                hint=_(
                    "Give all of them, with the postcode: home, work, and where else letters might be sent. "
                    "We never tell the prisoner"
                ),
                longest=LONGEST_ADDRESS,
                another=_("Add another address"),
            ),
        ),
    ),
    Question(
        "numbers",
        ByAsker(_("What are your phone numbers?"), _("What are the person’s phone numbers?")),
        (
            Field(
                "numbers",
                _("Phone numbers"),
                "lines",
                hint=_("Give all of them: mobile, home, work, and older ones. We never tell the prisoner"),
                another=_("Add another number"),
                keyboard="tel",
            ),
        ),
    ),
    Question(
        "emails",
        ByAsker(_("What are your email addresses?"), _("What are the person’s email addresses?")),
        (
            Field(
                "emails",
                _("Email addresses"),
                "lines",
                hint=_("Give all of them. We never tell the prisoner"),
                another=_("Add another email address"),
                keyboard="email",
            ),
        ),
    ),
    Question(
        "accounts",
        ByAsker(
            _("Which social media accounts do you have?"),
            _("Which social media accounts does the person have?"),
        ),
        (
            Field(
                "accounts",
                _("Social media accounts"),
                "lines",
                hint=_("The site and the name there. Leave it empty if there are none"),
                another=_("Add another account"),
            ),
        ),
    ),
    Question(
        "consent",
        _("Does the person know of this request?"),
        (
            Field(
                "knows",
                _("She or he knows of it"),
                "choice",
                needed=_("Choose whether the person knows"),
                options=_YES_NO,
            ),
            Field(
                "agrees",
                _("She or he agrees"),
                "choice",
                needed=_("Choose whether the person agrees"),
                options=_YES_NO,
            ),
        ),
        _others,
        says=(
            _(
                "You can ask even if the person does not know. The prison then weighs "
                "whether contact has to stop."
            ),
        ),
    ),
    Question(
        "court_order",
        _("Is there a court order?"),
        (
            Field(
                "court_order",
                _("Court order"),
                "text",
                hint=_("What it says, which court made it and when it ends. Leave it empty if there is none"),
                longest=LONGEST_TEXT,
            ),
        ),
    ),
    Question(
        "how",
        _("How does the prisoner make contact, or might try to?"),
        (
            Field(
                "how",
                _("Ways of contact"),
                "choices",
                hint=_("Choose all that apply, or none if there was no contact"),
                options=_WAYS,
            ),
        ),
        _stops,
    ),
    Question(
        "how_it_goes_on",
        _("How did the contact happen?"),
        (
            Field(
                "how",
                _("Ways of contact"),
                "choices",
                hint=_("Choose all that apply"),
                needed=_("Choose how the contact happened"),
                options=_WAYS,
            ),
        ),
        _continues,
    ),
    Question(
        "happened",
        _("What happened?"),
        (
            Field(
                "when",
                _("When did it happen?"),
                hint=_("For example: 3 March in the evening; every Sunday"),
                needed=_("Enter when it happened"),
            ),
            Field(
                "happened",
                _("What happened?"),
                "text",
                hint=_("Tell it in your own words. You can send pictures or files at the end"),
                needed=_("Enter what happened"),
                longest=LONGEST_TEXT,
            ),
        ),
        _continues,
    ),
    Question(
        "more",
        _("Is there anything else we should know?"),
        (
            Field(
                "happened",
                _("Anything else"),
                "text",
                hint=_("Such as what happened before, or somebody at an address who does want contact"),
                longest=LONGEST_TEXT,
            ),
        ),
        _stops,
    ),
    Question(
        "danger",
        _("Would anybody be in danger if the prisoner is told?"),
        (
            Field(
                "danger",
                _("Danger if the prisoner is told"),
                "choice",
                needed=_("Choose whether anybody would be in danger"),
                options=_WOULD,
            ),
        ),
        _stops,
        says=(
            _(
                "The prisoner is told by name with whom contact is not wanted, and nothing else: "
                "no address and no number."
            ),
        ),
    ),
    Question(
        "urgency",
        _("How soon is this needed?"),
        (
            Field(
                "urgency",
                _("How soon"),
                "choice",
                needed=_("Choose how soon it is needed"),
                options=(
                    ("today", _("Today: somebody is at risk of harm")),
                    ("soon", _("Within a few days")),
                    ("usual", _("In the usual time")),
                ),
            ),
        ),
        says=(_("If somebody is in danger now, call 999."),),
    ),
)
"""In the order in which they are asked."""


def question(name: str) -> Question | None:
    """The question of that name."""
    return next((one for one in QUESTIONS if one.name == name), None)


def asked_of(answers: Answers) -> list[Question]:
    """The questions for whoever answers so."""
    return [one for one in QUESTIONS if one.is_asked(answers)]


def kept(answers: Answers) -> Answers:
    """Without answers to questions that are not asked any more, since an earlier answer was changed."""
    wanted = {field.name for one in asked_of(answers) for field in one.fields}
    return Answers(**{name: getattr(answers, name) for name in wanted})


def after(one: Question, answers: Answers) -> Question | None:
    """The next question; None after the last."""
    following = QUESTIONS[QUESTIONS.index(one) + 1 :]
    return next((other for other in following if other.is_asked(answers)), None)


def before(one: Question, answers: Answers) -> Question | None:
    """The question before; None before the first."""
    earlier = QUESTIONS[: QUESTIONS.index(one)]
    return next((other for other in reversed(earlier) if other.is_asked(answers)), None)


def unanswered(answers: Answers) -> Question | None:
    """The first question that is asked and has no answer that can be used."""
    return next((one for one in asked_of(answers) if wrong_with(one, answers)), None)
