"""How a page is made: who is looking, what is shown, and the forms that come back.

Every page is a whole HTML document from the server; the script only adds to it. Everything that is put into
a template is escaped. A page may load from this service alone (`Content-Security-Policy`), and nothing of
it is kept by the browser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, select_autoescape

from engine import dates
from service.access.model import Principal, Right
from service.access.sessions import SignedIn, cookie_in, cookie_name
from service.console.assets import FOLDER
from service.console.work import ToDo, notices
from service.errors import BadRequestError, NotSignedInError, ServiceError, TooLargeError
from service.errors import PageError as PageError  # raised by every page
from service.web.dependencies import system_of
from service.web.going_on import ours

LONGEST_FORM = 64 * 1024
"""Bytes: the longest note and everything else of a form many times over."""
MOST_FIELDS = 200
SCRIPT_HASH = "sha256-GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw="
"""Of the one line of script in GOV.UK's template, which says that script runs."""
CONTENT_POLICY = (
    f"default-src 'none'; style-src 'self'; script-src 'self' '{SCRIPT_HASH}'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


class Link(NamedTuple):
    """One entry of the navigation: what is there, and the right that shows it."""

    href: str
    text: str
    right: Right
    hint: str


NAVIGATION = (
    Link("/queue", "Queue", Right.REVIEW, "What was flagged, to be decided"),
    Link(
        "/cases",
        "Cases",
        Right.HANDLE_CASES,
        "Requests that there be no contact, and reports that it goes on",
    ),
    Link("/mail", "Mail", Right.SCAN, "Trays of letters, one after another"),
    Link(
        "/restrictions",
        "Restrictions",
        Right.SEE_RESTRICTIONS,
        "Who must not contact whom, and what is in force",
    ),
    Link("/prisoners", "Prisoners", Right.SEE_RESTRICTIONS, "Where a prisoner is, and what names him"),
    Link("/prisons", "Prisons", Right.SEE_RESTRICTIONS, "What is in force, and what waits, in one prison"),
    Link("/people", "People", Right.SEE_RESTRICTIONS, "Who is protected, by her name in any spelling"),
    Link("/register", "Register", Right.REVEAL, "Legal advisers, courts, helplines: what is not looked into"),
    Link(
        "/phone-lists",
        "Phone lists",
        Right.SEE_RESTRICTIONS,
        "Numbers on prisoners’ lists that a restriction stops",
    ),
    Link("/approvals", "Approvals", Right.CONFIRM, "Changes that wait for a second person"),
    Link("/try", "Try it", Right.SEE_REASONS, "How a made-up attempt would be answered"),
    Link("/nodes", "Nodes", Right.SEE_STATUS, "Which prisons have what is in force, and which not"),
    Link("/pictures", "Pictures", Right.SEE_STATUS, "Counts and times, without anybody’s name"),
    Link("/ledger", "Ledger", Right.SEE_LEDGER, "The record of every decision, change and look"),
    Link("/policy", "Policy", Right.SEE_STATUS, "The rules in force"),
    Link("/learning", "Try a policy", Right.EDIT_POLICY, "How another policy would have decided"),
    Link("/accounts", "Accounts and keys", Right.MANAGE_ACCESS, "Who is let in, with which roles"),
)
"""In the order in which they are shown, behind the page where everybody begins."""
SEARCHING = (Right.SEE_RESTRICTIONS, Right.HANDLE_CASES, Right.REVIEW, Right.SCAN, Right.SEE_LEDGER)
"""Any of these may search: each sees of what is found what its rights show."""
KEYS_COOKIE = "nocontact-keys"
"""Whether single keys do something in this browser: "off" or nothing."""


def viewer(request: Request) -> Principal:
    """Who is looking, by the session's cookie. Raises PageError(NotSignedInError): sign in first."""
    found = system_of(request).access.signed_in(request.headers)
    if found is None:
        raise PageError(NotSignedInError("sign in first"))
    _remember(request, found)
    return found.principal


def page_needs(*rights: Right) -> Callable[..., Principal]:
    """A dependency that gives who is looking, who has any of the rights. A refusal is recorded."""

    def check(request: Request, principal: Annotated[Principal, Depends(viewer)]) -> Principal:
        try:
            if not any(map(principal.may, rights)):
                system_of(request).access.refused(principal, rights[0], request.url.path)
                principal.require(rights[0])
        except ServiceError as error:
            raise PageError(error) from None
        return principal

    return check


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, each once; empty ones too. Raises PageError.

    Checks that our own page sent it, by the session's token in its field `csrf`.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise PageError(TooLargeError(f"longer than {LONGEST_FORM:,} bytes"))
    try:
        fields = parse_qs(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except (UnicodeDecodeError, ValueError):
        raise PageError(BadRequestError("not a form of ours")) from None
    return {name: values[-1].replace("\0", "") for name, values in fields.items()}


Form = Annotated[dict[str, str], Depends(form_of)]


def our_form(request: Request, form: Form) -> dict[str, str]:
    """A form of somebody who is signed in, sent from our own page. Raises PageError."""
    try:
        system_of(request).access.authenticate("POST", request.headers, form.get("csrf", ""))
    except ServiceError as error:
        raise PageError(error) from None
    return form


OurForm = Annotated[dict[str, str], Depends(our_form)]


def show(
    request: Request,
    template: str,
    principal: Principal | None,
    *,
    status: int = 200,
    counted: Mapping[str, ToDo] | None = None,
    not_read: Sequence[str] = (),
    **context: Any,
) -> HTMLResponse:
    """A page. The template gets `principal`, `csrf`, `links`, `path` and `now` beside the context.

    `counted` is what stands beside the links of the navigation, where the page has counted it already;
    `not_read` what could not be read and is missing on the page, as "restriction R1": ids, and no detail.
    """
    page = environment().get_template(template)
    system = system_of(request)
    if counted is None:
        counted = {} if principal is None else notices(system, principal)
    text = page.render(
        principal=principal,
        csrf=getattr(request.state, "csrf", ""),
        until=getattr(request.state, "until", None),
        links=[] if principal is None else links(principal),
        notices=counted,
        may_search=principal is not None and any(map(principal.may, SEARCHING)),
        has_password=principal is not None and principal.id.startswith("user:"),
        has_keys=has_keys(request),
        path=request.url.path,
        now=system.clock(),
        not_read=list(dict.fromkeys(not_read)),
        **context,
    )
    return HTMLResponse(text, status, HEADERS)


def ids_of(kind: str, ids: Iterable[str]) -> list[str]:
    """Ids that could not be read, for `show`."""
    return [f"{kind} {id_}" for id_ in ids]


def links(principal: Principal) -> list[Link]:
    """What of the navigation somebody sees."""
    found = [link for link in NAVIGATION if principal.may(link.right)]
    return [Link("/", "My work", found[0].right, ""), *found] if found else []


def home(principal: Principal) -> str:
    """Where somebody begins."""
    if principal.must_change_password:
        return "/password"
    return "/" if links(principal) else "/nothing"


def has_keys(request: Request) -> bool:
    """Whether single keys do something in this browser (WCAG 2.1.4: they can be turned off)."""
    secure = system_of(request).settings.secure_cookies
    return cookie_in(request.headers, cookie_name(KEYS_COOKIE, secure=secure)) != "off"


def go(where: str) -> RedirectResponse:
    """On to another page, with GET."""
    return RedirectResponse(where, 303, HEADERS)


def show_error(request: Request, error: ServiceError) -> HTMLResponse | RedirectResponse:
    """A page that says what is wrong; to the sign-in where that is it."""
    if isinstance(error, NotSignedInError):
        return go(_sign_in(request))
    found = system_of(request).access.signed_in(request.headers)
    if found is not None and found.principal.must_change_password:
        return go("/password")
    if found is not None:
        _remember(request, found)
    principal = found.principal if found is not None else None
    return show(request, "error.html", principal, status=error.status, error=error)


def _sign_in(request: Request) -> str:
    """The sign-in, and from there on to the page that was asked for; to the one with the form for what came
    from a form, which is not sent again."""
    is_form = request.method != "GET"
    if is_form:
        came = urlsplit(request.headers.get("referer", ""))
        then = came.path if came.netloc == request.headers.get("host") else "/"
    else:
        then = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    had_session = system_of(request).access.sessions.token_in(request.headers) is not None
    said = {"ended": "form" if is_form else "page"} if had_session else {}
    on = {"then": then} if ours(then) != "/" else {}
    return "/sign-in" + (f"?{urlencode(said | on)}" if said | on else "")


def _remember(request: Request, found: SignedIn) -> None:
    """What each page of a session bears."""
    request.state.csrf, request.state.until = found.csrf, found.until


@cache
def environment() -> Environment:
    """The templates: ours, and GOV.UK's macros."""
    govuk = PackageLoader("govuk_frontend_jinja")
    made = Environment(
        loader=ChoiceLoader(
            [PackageLoader("service.console"), PrefixLoader({"govuk_frontend_jinja": govuk})]
        ),
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # else each macro's file is looked at for each page, a seventh of its time
    )
    made.filters |= {"moment": moment, "day": dates.shown, "age": age, "prison": prison, "words": words}
    made.tests["overdue"] = lambda when, now: when < now
    return made


def moment(when: datetime | str | None) -> str:
    """A time as people in the prison read it: `4 May 2026, 9:30`, UK time."""
    if not when:
        return ""
    if isinstance(when, str):
        when = dates.starts(when)
    local = when.astimezone(dates.UK)
    return f"{local.day} {local:%B %Y}, {local.hour}:{local:%M}"


def age(since: datetime, now: datetime | None = None) -> str:
    """How long ago: `3 minutes`, `2 hours`, `4 days`; in short for what is to come: `in 20 minutes`."""
    seconds = ((now or datetime.now(UTC)) - since).total_seconds()
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        count = int(abs(seconds) // size)
        if count:
            text = f"{count} {name}{'s' if count > 1 else ''}"
            return text if seconds > 0 else f"in {text}"
    return "under a minute"


def prison(code: str | None) -> str:
    """A prison's code, or that it is not known."""
    return code or "not known"


def words(code: str) -> str:
    """A code in words: `RESTRICTED_NUMBER` is `Restricted number`."""
    return code.replace("_", " ").capitalize()


def static_file(name: str) -> Path | None:
    """A file under `/assets/`; None for anything else. No path leads out of the two folders."""
    for folder in (Path(__file__).parent / "static", FOLDER):
        path = folder / name
        if "/" not in name and not name.startswith(".") and path.is_file():
            return path
    return None


def said_of(error: ServiceError) -> str:
    """What went wrong, as a sentence beside a field."""
    return error.detail[:1].upper() + error.detail[1:]


def number_in(text: str, digits: int = 9) -> int | None:
    """The whole number that a field or an address holds, of at most so many digits; None for all else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None
