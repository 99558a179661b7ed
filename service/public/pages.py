"""The form's pages: whole documents in one language, that no browser and no proxy keeps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, select_autoescape
from markupsafe import Markup
from starlette.responses import HTMLResponse

from service.public.answers import Answers, carried
from service.public.fields import ByAsker, Field, Question, Wrong
from service.public.questions import asked_of
from service.public.settings import PublicSettings
from service.public.waiting import Ticket, Tickets
from service.public.words import Language, _, words

HERE = Path(__file__).parent
ASSETS = {
    "govuk-frontend.min.css": (HERE.parent / "console" / "fetched", "text/css"),
    "govuk-frontend.min.js": (HERE.parent / "console" / "fetched", "text/javascript"),
    "public.css": (HERE / "static", "text/css"),
    "public.js": (HERE / "static", "text/javascript"),
    "public.svg": (HERE / "static", "image/svg+xml"),
}
"""GOV.UK's styles and script are fetched once, for the console and for this."""
SCRIPT_HASH = "sha256-GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw="
"""Of the one line of script in GOV.UK's template, which says that script runs."""
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        f"default-src 'none'; style-src 'self'; script-src 'self' '{SCRIPT_HASH}'; img-src 'self' data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
CHECK, EVIDENCE = "check", "evidence"
"""The two pages after the questions."""
MEGABYTE = 1 << 20


_OF_DATE = (("day", _("Day"), 2), ("month", _("Month"), 2), ("year", _("Year"), 4))


class State(NamedTuple):
    """Where somebody is in the form."""

    answers: Answers
    ticket: Ticket
    returns: bool = False
    """Whether an answer is being changed, and its page leads back to the check."""


class Pages:
    """Makes pages; knows nothing of who looks."""

    def __init__(self, settings: PublicSettings, tickets: Tickets) -> None:
        """As they are set."""
        self._settings, self._tickets = settings, tickets
        self._headers = dict(HEADERS)
        if settings.hsts_days:
            self._headers["strict-transport-security"] = f"max-age={settings.hsts_days * 86_400}"

    def start(self, language: Language) -> HTMLResponse:
        """The first page, before any question."""
        return self._show("start.html", language, _("Stop contact from a prisoner"))

    def question(
        self,
        language: Language,
        state: State,
        one: Question,
        values: dict[str, Any] | None = None,
        wrong: Sequence[Wrong] = (),
        *,
        one_more: bool = False,
    ) -> HTMLResponse:
        """A question, with what was answered, or with `values` that are wrong."""
        say = words(language)
        given = values or {field.name: getattr(state.answers, field.name) for field in one.fields}
        faults: dict[str, str] = {}
        for fault in wrong:
            faults.setdefault(fault.field, _told(say, fault))
        fields = [
            _shown(say, field, state.answers, given[field.name], faults, one_more, is_alone=_is_alone(one))
            for field in one.fields
        ]
        errors = [
            {"text": faults[field["name"]], "href": f"#{field['first']}"}
            for field in fields
            if field["wrong"]
        ]
        return self._form(
            "question.html",
            language,
            state,
            one.name,
            _of(one.title, state.answers),
            status=422 if errors else 200,
            fields=fields,
            says=[say(_of(text, state.answers)) for text in one.says],
            wrong=errors,
        )

    def check(self, language: Language, state: State, wait: dict[str, str] | None = None) -> HTMLResponse:
        """All that was answered, to be changed or sent."""
        say, answers = words(language), state.answers
        rows = [
            {
                "question": one.name,
                "label": say(_of(field.label, answers)),
                "given": _values(say, field, getattr(answers, field.name)),
            }
            for one in asked_of(answers)
            for field in one.fields
        ]
        nothing = not (answers.addresses or answers.numbers or answers.emails or answers.accounts)
        return self._form(
            "check.html",
            language,
            state,
            CHECK,
            _("Send the request") if wait else _("Check your answers"),
            status=429 if wait else 200,
            rows=rows,
            nothing_to_stop=nothing,
            continues=answers.kind == "continuing",
            wait=wait,
        )

    def evidence(
        self, language: Language, state: State, wrong: Wrong | None = None, wait: dict[str, str] | None = None
    ) -> HTMLResponse:
        """Files with a report, and its last button."""
        say = words(language)
        most = {"files": self._settings.evidence_files, "size": self._settings.evidence_bytes // MEGABYTE}
        text = _("Up to %(files)d files, %(size)d MB in all: pictures, PDFs, recordings or saved messages")
        return self._form(
            "evidence.html",
            language,
            state,
            EVIDENCE,
            _("Do you have anything that shows it?"),
            status=422 if wrong else 429 if wait else 200,
            wrong=[{"text": say(wrong.text), "href": "#evidence"}] if wrong else [],
            limits=say(text, **most),
            wait=wait,
        )

    def wait(self, language: Language, seconds: int, *, has_files: bool) -> dict[str, str]:
        """What is said above the last page where somebody has to wait."""
        say = words(language)
        told = [
            say(
                _("We take only so many requests at once. Wait %(count)d seconds, then press Send again."),
                count=seconds,
            )
        ]
        if has_files:
            told.append(say(_("Choose your files again.")))
        return {"title": say(_("Not sent yet")), "text": " ".join(told)}

    def done(self, language: Language, reference: str, files: int) -> HTMLResponse:
        """It has arrived."""
        say = words(language)
        told = Markup("{}<br><strong>{}</strong>").format(say(_("Your reference")), reference)
        return self._show("done.html", language, _("We have received it"), reference_html=told, files=files)

    def problem(self, language: Language, status: int, title: str, text: str, **headers: str) -> HTMLResponse:
        """Something that cannot be done, and what else can."""
        found = self._show("problem.html", language, title, status=status, text=words(language)(text))
        found.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return found

    def _form(
        self, template: str, language: Language, state: State, at: str, title: str, **more: Any
    ) -> HTMLResponse:
        return self._show(
            template,
            language,
            title,
            answers=carried(state.answers).decode(),
            ticket=self._tickets.written(state.ticket),
            at=at,
            returns=state.returns,
            traps=words(language)(_("Leave this empty")),
            **more,
        )

    def _show(
        self, template: str, language: Language, title: str, *, status: int = 200, **context: Any
    ) -> HTMLResponse:
        say = words(language)
        page = environment().get_template(template)
        text = page.render(
            _=say,
            language=language,
            title=say(title),
            home="/" if language == "en" else "/cy",
            action="/form" if language == "en" else "/cy/form",
            telephone=self._settings.telephone,
            exit_url=self._settings.exit_url,
            **context,
        )
        return HTMLResponse(text, status, self._headers)


@cache
def environment() -> Environment:
    """The templates: ours, and GOV.UK's macros."""
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    return Environment(
        loader=ChoiceLoader([PackageLoader("service.public"), govuk]),
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # else each macro's file is looked at for each page, a seventh of its time
    )


def _of(text: str | ByAsker, answers: Answers) -> str:
    if isinstance(text, str):
        return text
    return text.herself if answers.who == "self" else text.others


def _told(say: Any, fault: Wrong) -> str:
    return str(say(fault.text, most=fault.most) if fault.most else say(fault.text))


def _is_alone(one: Question) -> bool:
    """Whether the page's title is the label of its one field."""
    return len(one.fields) == 1 and not one.says


def _shown(
    say: Any,
    field: Field,
    answers: Answers,
    value: Any,
    faults: dict[str, str],
    one_more: bool,
    *,
    is_alone: bool,
) -> dict[str, Any]:
    """One field as the template draws it; `first` is the id of what an error leads to."""
    wrong = faults.get(field.name, "")
    shown: dict[str, Any] = {
        "name": field.name,
        "label": say(_of(field.label, answers)),
        "hint": say(_of(field.hint, answers)) if field.hint else "",
        "kind": field.kind,
        "is_heading": is_alone,
        "keyboard": field.keyboard,
        "value": value,
        "wrong": wrong,
        "first": field.name,
        "another": say(field.another) if field.another else "",
    }
    if field.options:
        shown["options"] = [{"value": one, "text": say(text)} for one, text in field.options]
    if field.kind == "date":
        shown["parts"] = [
            {
                "id": f"{field.name}-{part}",
                "name": field.name,
                "label": say(label),
                "value": value[place],
                "autocomplete": "off",
                "classes": f"govuk-input--width-{wide}{' govuk-input--error' if wrong else ''}",
            }
            for place, (part, label, wide) in enumerate(_OF_DATE)
        ]
        shown["first"] = f"{field.name}-day"
    if field.kind in ("lines", "texts"):
        boxes = [*value, ""] if one_more or not value else value
        shown["boxes"] = [
            {
                "id": f"{field.name}-{place}",
                "label": f"{shown['label']} {place}" if len(boxes) > 1 else shown["label"],
                "value": one,
                "is_new": one_more and place == len(boxes),
            }
            for place, one in enumerate(boxes, 1)
        ]
        shown["described"] = " ".join(
            f"{field.name}-{part}" for part, there in (("hint", field.hint), ("error", wrong)) if there
        )
        shown["first"] = f"{field.name}-1"
    return shown


def _values(say: Any, field: Field, value: Any) -> list[str]:
    """An answer in lines, as the check shows it."""
    if field.options:
        texts = dict(field.options)
        return [say(texts[one]) for one in ([value] if isinstance(value, str) else value) if one]
    if field.kind == "date":
        return [" ".join(value)] if any(value) else []
    given = [value] if isinstance(value, str) else list(value)
    return [one for one in given if one.strip()]
