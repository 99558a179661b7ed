"""What the service refuses, each with its HTTP status and a title. Texts never repeat a value.

One handler turns them into `application/problem+json` (RFC 9457): `service/check` and `service/api` share it.
"""

import msgspec


class ServiceError(Exception):
    """A request that cannot be answered as asked; `detail` is for the asker."""

    status = 500
    title = "Internal error"

    def __init__(self, detail: str = "", field: str | None = None) -> None:
        """`field` is the path of what is wrong in the body, as `contacts[0].value`."""
        super().__init__(detail)
        self.detail = detail
        self.field = field


class BadRequestError(ServiceError):
    """Not a request of this service at all: no JSON, no such parameter."""

    status = 400
    title = "Bad request"


class NotSignedInError(ServiceError):
    """No credentials, or none that hold."""

    status = 401
    title = "Not signed in"


class NotAllowedError(ServiceError):
    """Signed in, and not allowed to."""

    status = 403
    title = "Not allowed"


class NotFoundError(ServiceError):
    """There is no such thing, or none that the asker may know of."""

    status = 404
    title = "Not found"


class ConflictError(ServiceError):
    """Somebody else was first: read it again, then decide."""

    status = 409
    title = "Conflict"


class TooLargeError(ServiceError):
    """A body or a batch beyond the limit."""

    status = 413
    title = "Too large"


class UnsupportedError(ServiceError):
    """A body that is not JSON by its own account."""

    status = 415
    title = "Unsupported media type"


class InvalidError(ServiceError):
    """A field with a value that cannot be used."""

    status = 422
    title = "Invalid"


class TooManyError(ServiceError):
    """More requests than the client may make; try again later."""

    status = 429
    title = "Too many requests"
    wait: int | None = None
    """Whole seconds until the next may pass, where that is known."""


class UnavailableError(ServiceError):
    """No answer may be given: no usable blocklist, or the ledger cannot be written."""

    status = 503
    title = "Unavailable"


class PageError(Exception):
    """A page that cannot be shown; `error` says why. Answered as a page, not as a problem document."""

    def __init__(self, error: ServiceError) -> None:
        super().__init__(error.detail)
        self.error = error


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of an error answer, RFC 9457."""

    title: str
    status: int
    detail: str = ""
    field: str | None = None
    request: str | None = None
    """The request's id, to quote to whoever runs the service."""


PROBLEM_JSON = "application/problem+json"


def problem(error: ServiceError, request: str | None = None) -> bytes:
    """The error as a problem document."""
    return msgspec.json.encode(
        Problem(
            title=error.title, status=error.status, detail=error.detail, field=error.field, request=request
        )
    )
