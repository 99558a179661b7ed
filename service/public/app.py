"""The public form over HTTP: a page in, a page out, and at the end one sealed file.

Nothing is remembered between two pages, nothing typed stands in an address or in a log, and no answer depends
on what is held anywhere: this process could not tell.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus

import msgspec
import structlog
from starlette.responses import FileResponse, PlainTextResponse, Response

from service.errors import ServiceError
from service.public import answers as typed_so_far
from service.public.answers import Answers
from service.public.asked import EvidenceFile, encode
from service.public.fields import Wrong, answered, typed, with_typed
from service.public.forms import Given, is_with_files, read_form, read_form_with_files
from service.public.intake import IntakeFolder, IntakeFullError
from service.public.pages import ASSETS, CHECK, EVIDENCE, HEADERS, Pages, State
from service.public.questions import QUESTIONS, after, before, kept, question, unanswered
from service.public.sealing import seal
from service.public.settings import PublicSettings
from service.public.waiting import Queueing, Ticket, Tickets, Turnstile, WaitTooLongError, line_of
from service.public.words import Language, _
from service.web.http import ClientGoneError, Receive, Scope, Send
from service.web.limits import Rate, TooFastError

_log = structlog.get_logger(__name__)
LANGUAGES: dict[str, Language] = {"": "en", "/cy": "cy"}
OF_ADDRESS = 2
"""Uploads of one address at once."""
LOOK_EVERY = 5.0
"""Seconds between two looks whether the intake is full, for who only begins."""
MOST_SENT = 10_000
"""References of requests that arrived, so that a page that is loaded again sends nothing twice."""


class UploadsError(Exception):
    """As many uploads as there may be are under way."""


class PublicForm:
    """The application. Used on one event loop."""

    def __init__(
        self,
        settings: PublicSettings,
        intake: IntakeFolder,
        public_key: bytes,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`public_key` seals what is sent; who opens it is elsewhere."""
        self._settings, self._intake, self._key, self._clock = settings, intake, public_key, clock
        self._monotonic = monotonic
        self._looked_at, self._was_full = float("-inf"), False
        self._tickets = Tickets(monotonic)
        self._pages = Pages(settings, self._tickets)
        longest = settings.longest_wait
        self._turnstile = Turnstile(
            self._tickets,
            Queueing(settings.send_seconds, settings.send_at_once, longest),
            Queueing(settings.all_send_seconds, settings.all_send_at_once, longest),
            monotonic,
        )
        self._rate = Rate(settings.pages_rate, monotonic, most=settings.pages_burst)
        self._rate_of_all = Rate(settings.all_pages_rate, monotonic)
        self._sending: dict[str, asyncio.Task[int]] = {}
        self._uploads: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            response = await self._answer(scope, receive)
        except ClientGoneError:
            return
        except Exception as error:
            _log.error("unexpected", error=type(error).__name__, exc_info=error)
            response = self._sorry("en", 500)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        path, method = scope["path"], scope["method"]
        if method not in ("GET", "HEAD", "POST"):
            return PlainTextResponse("", 405, {**HEADERS, "allow": "GET, HEAD, POST"})
        if path == "/health":
            return PlainTextResponse("up\n", headers=HEADERS)
        if path == "/health/ready":
            is_full = self._is_full()
            return PlainTextResponse("full\n" if is_full else "ready\n", 503 if is_full else 200, HEADERS)
        if path.startswith("/assets/"):
            return _asset(path.removeprefix("/assets/"))
        prefix = "/cy" if path == "/cy" or path.startswith("/cy/") else ""
        language, place = LANGUAGES[prefix], path.removeprefix(prefix)
        address = scope["client"][0] if scope.get("client") else ""
        try:
            self._rate.ask(line_of(address))
            self._rate_of_all.ask("")
        except TooFastError as error:
            return self._pages.problem(
                language,
                429,
                _("Too many pages at once"),
                _("Wait a minute, then load this page again."),
                retry_after=str(error.wait),
            )
        if place in ("", "/", "/form") and method != "POST" and self._is_full():
            return self._full(language)  # said before seventeen questions, not after
        if place in ("", "/") and method != "POST":
            return self._pages.start(language)
        if place != "/form":
            return self._pages.problem(
                language, 404, _("Page not found"), _("There is nothing at this address.")
            )
        if method != "POST":
            state = State(Answers(), self._tickets.new())
            return self._pages.question(language, state, QUESTIONS[0])
        try:
            with self._place_for(scope, address):
                given = await self._read(scope, receive)
                return await self._step(language, given, address)
        except UploadsError:
            return self._pages.problem(
                language,
                503,
                _("Too many files are being sent just now"),
                _("Go back and send it again in a minute, or without files."),
                retry_after="60",
            )
        except ServiceError as error:
            return self._sorry(language, error.status)

    async def _read(self, scope: Scope, receive: Receive) -> Given:
        if not is_with_files(scope):
            return await read_form(scope, receive)
        most = self._settings.evidence_bytes
        # More is read than is taken, so that the page can say what is wrong, with all that was typed.
        return await read_form_with_files(
            scope, receive, most_bytes=2 * most, most_files=self._settings.evidence_files
        )

    async def _step(self, language: Language, given: Given, address: str) -> Response:
        """From one page to the next."""
        try:
            answers = typed_so_far.received(given.one("answers") or "{}")
        except msgspec.DecodeError:
            return self._sorry(language, 400)
        ticket = self._tickets.read(given.one("ticket"))
        state = State(answers, ticket or self._tickets.new(), bool(given.one("returns")))
        at, (go, _space, where) = given.one("at"), given.one("go").partition(" ")
        if go == "change":
            return self._at(language, state._replace(returns=True), where)
        if go in ("next", "another", ""):  # without a button: the Enter key in a field
            return self._answered(language, state, at, given, is_more=go == "another")
        if go == "back":
            return self._back(language, self._with_typed(state, at, given), at)
        if go == "evidence":
            return self._at(language, state, EVIDENCE)
        if go == "send":
            return await self._send(language, state, given, ticket, address)
        return self._at(language, self._with_typed(state, at, given), at)

    def _with_typed(self, state: State, at: str, given: Given) -> State:
        """With what stands in the page's fields, right or wrong: whoever looks at another page, or reads this
        one in the other language, loses nothing. It is looked at when it is to be sent at the latest."""
        one = question(at)
        if one is None or not any(field.name in given.fields for field in one.fields):
            return state
        return state._replace(answers=with_typed(one, state.answers, typed(one, given.fields)))

    def _at(self, language: Language, state: State, at: str) -> Response:
        """A page by its name; the last ones only when every question has its answer."""
        state = state._replace(answers=kept(state.answers))
        one = question(at)
        if one is not None:
            return self._pages.question(language, state, one)
        missing = unanswered(state.answers)
        if missing is not None:
            return self._pages.question(language, state, missing)
        if at == EVIDENCE and state.answers.kind == "continuing":
            return self._pages.evidence(language, state)
        return self._pages.check(language, state._replace(returns=False))

    def _answered(
        self, language: Language, state: State, at: str, given: Given, *, is_more: bool
    ) -> Response:
        one = question(at)
        if one is None:
            return self._at(language, state, at)
        values = typed(one, given.fields)
        if is_more:
            return self._pages.question(language, state, one, values, one_more=True)
        answers, wrong = answered(one, state.answers, values)
        if wrong:
            return self._pages.question(language, state, one, values, wrong)
        state = state._replace(answers=answers)
        following = None if state.returns else after(one, answers)
        return self._at(language, state, following.name if following else CHECK)

    def _back(self, language: Language, state: State, at: str) -> Response:
        one = question(at)
        is_complete = unanswered(kept(state.answers)) is None
        if at == EVIDENCE or (one is not None and state.returns and is_complete):
            return self._at(language, state, CHECK)
        earlier = before(one, state.answers) if one else QUESTIONS[-1]
        return self._at(language, state, earlier.name) if earlier else self._pages.start(language)

    async def _send(
        self, language: Language, state: State, given: Given, ticket: Ticket | None, address: str
    ) -> Response:
        answers = kept(state.answers)
        missing = unanswered(answers)
        if missing is not None:
            return self._pages.question(language, state, missing)
        files = given.files if answers.kind == "continuing" else ()
        wrong = self._too_much(files)
        if wrong is not None:
            return self._pages.evidence(language, state, wrong)
        if ticket is not None and ticket.reference in self._sending:
            return await self._arrived(language, ticket)
        try:
            passed, wait = self._turnstile.pass_through(ticket, address, is_robot=bool(given.one("website")))
        except WaitTooLongError:
            return self._full(language)
        if wait:
            state = State(answers, passed)
            told = self._pages.wait(language, wait, has_files=bool(files))
            if answers.kind == "continuing":
                return self._pages.evidence(language, state, wait=told)
            return self._pages.check(language, state, told)
        asked = typed_so_far.asked(
            answers,
            reference=passed.reference,
            at=self._clock().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            language=language,
            evidence=files,
        )

        def take_in() -> int:
            self._intake.put(seal(encode(asked), self._key))
            return len(files)

        self._sending[passed.reference] = asyncio.ensure_future(asyncio.to_thread(take_in))
        return await self._arrived(language, passed)

    async def _arrived(self, language: Language, ticket: Ticket) -> Response:
        """Once it is on the disk. Whoever sends one form twice waits for the same file."""
        try:
            files = await asyncio.shield(self._sending[ticket.reference])
        except IntakeFullError:
            self._sending.pop(ticket.reference, None)
            _log.error("intake full")
            return self._full(language)
        except Exception:
            self._sending.pop(ticket.reference, None)
            raise
        while len(self._sending) > MOST_SENT:
            self._sending.pop(next(iter(self._sending)))
        return self._pages.done(language, ticket.reference, files)

    def _too_much(self, files: tuple[EvidenceFile, ...]) -> Wrong | None:
        if len(files) > self._settings.evidence_files:
            return Wrong("evidence", _("There are more files than we can take: choose fewer"))
        if sum(len(file.content) for file in files) > self._settings.evidence_bytes:
            return Wrong("evidence", _("The files are larger than we can take: choose fewer or smaller ones"))
        return None

    def _is_full(self) -> bool:
        """Whether nothing more can be taken in, as it was seconds ago."""
        if self._monotonic() - self._looked_at > LOOK_EVERY:
            self._looked_at = self._monotonic()
            try:
                self._intake.require_room()
                self._was_full = False
            except IntakeFullError:
                self._was_full = True
        return self._was_full

    def _full(self, language: Language) -> Response:
        return self._pages.problem(
            language,
            503,
            _("We cannot take your request just now"),
            _("It was not received. Try again later, or tell us in another way."),
            retry_after="600",
        )

    def _sorry(self, language: Language, status: int) -> Response:
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return self._pages.problem(
                language, status, _("Something went wrong"), _("It was not received. Try again.")
            )
        text = _("It was not received. Go back, or begin again.")
        return self._pages.problem(
            language, status, _("We cannot read what was sent"), text, connection="close"
        )

    @contextmanager
    def _place_for(self, scope: Scope, address: str) -> Iterator[None]:
        """A place among those who send files. Raises UploadsError."""
        if not is_with_files(scope):
            yield
            return
        line = line_of(address)
        of_line = self._uploads.get(line, 0)
        if of_line >= OF_ADDRESS or sum(self._uploads.values()) >= self._settings.uploads:
            raise UploadsError
        self._uploads[line] = of_line + 1
        try:
            yield
        finally:
            self._uploads[line] -= 1
            if not self._uploads[line]:
                del self._uploads[line]


def _asset(name: str) -> Response:
    found = ASSETS.get(name)
    if found is None or not (found[0] / name).is_file():
        return PlainTextResponse("", 404, HEADERS)
    headers = {"cache-control": "max-age=3600", "x-content-type-options": "nosniff"}
    return FileResponse(found[0] / name, headers=headers, media_type=found[1])
