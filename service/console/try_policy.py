"""Trying another policy on the last days, and asking for it: live, or as a shadow that only records."""

from __future__ import annotations

from contextlib import suppress
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from engine.policy import Policy, PolicyError, differences, read_policy, write_policy
from service.access.model import Principal, Right
from service.blocklist.backtesting import MOST_AT_A_PAGE, Backtest, backtest
from service.console.page import OurForm, go, number_in, page_needs, said_of, show
from service.errors import InvalidError, ServiceError
from service.registry.policies import Mode, checked, proposed
from service.system import System
from service.web.dependencies import system_of

router = APIRouter(prefix="/learning", include_in_schema=False)

Admin = Annotated[Principal, Depends(page_needs(Right.EDIT_POLICY))]

MOST_DAYS = 90
DAYS = 14
"""What a second person is shown."""


@router.get("")
def form(request: Request, admin: Admin) -> Response:
    """The form, with the policy in force to begin from."""
    return _show(request, admin, {"policy": text_in_force(system_of(request)), "days": str(DAYS)})


@router.post("/try")
def try_policy(request: Request, admin: Admin, form: OurForm) -> Response:
    """What it would have decided."""
    try:
        days = _days(form)
        proposed = checked(form.get("policy", ""))
        report = _tried(system_of(request), proposed, days)
        if report is None:
            raise InvalidError("there is no blocklist to try it on yet", "policy")
    except ServiceError as error:
        return _wrong(request, admin, form, error)
    return _show(request, admin, form, report=report, version=proposed.version)


@router.post("/ask")
def ask(request: Request, admin: Admin, form: OurForm) -> Response:
    """Ask a second person to put it in force."""
    try:
        if form.get("mode") not in (Mode.LIVE, Mode.SHADOW):
            raise InvalidError("choose what it is for", "mode")
        if not form.get("reason", "").strip():
            raise InvalidError("say why", "reason")
        system_of(request).registry.policies.propose(
            admin, form.get("policy", ""), Mode(form["mode"]), form["reason"].strip()[:4000]
        )
    except ServiceError as error:
        return _wrong(request, admin, form, error)
    return go("/approvals")


def text_in_force(system: System) -> str:
    """The policy in force as TOML: as somebody wrote it where that is known, or else from what decides."""
    policy = system.current.policy
    packaged = files("engine").joinpath("policy.toml").read_text(encoding="utf-8")
    for text in (system.registry.policies.live_text(), packaged):
        with suppress(PolicyError):
            if text and read_policy(text.encode()).version == policy.version:
                return text
    return write_policy(policy)


def policy_change(system: System, payload: bytes) -> dict[str, Any]:
    """What a policy that waits for a second person would change, for the template: each word and number, and
    what the last days would have come to."""
    asked = proposed(payload)
    about = {"reason": asked.reason, "mode": asked.mode.value, "days": DAYS, "most": MOST_AT_A_PAGE}
    policy = asked.policy()
    if policy is None:
        return {**about, "rows": [("The shadow", "runs", "ends")]}
    rows = differences(system.current.policy, policy)
    return {**about, "rows": rows, "report": _tried(system, policy, DAYS), "text": asked.text}


def _tried(system: System, policy: Policy, days: int) -> Backtest | None:
    """The last days under the policy in force and under another; None while there is no list."""
    screener = system.current.screener
    if screener is None:
        return None
    live, journal = system.current.policy, system.registry.journal
    return backtest(journal, screener.blocklist, live, policy, days=days, limit=MOST_AT_A_PAGE)


def _wrong(request: Request, admin: Principal, form: dict[str, str], error: ServiceError) -> Response:
    text = said_of(error)
    errors = [{"text": text, "href": f"#{error.field or 'policy'}"}]
    return _show(request, admin, form, status=error.status, errors=errors)


def _show(
    request: Request,
    admin: Principal,
    form: dict[str, str],
    *,
    report: Backtest | None = None,
    status: int = 200,
    **context: Any,
) -> Response:
    shadow = system_of(request).current.shadow
    return show(
        request,
        "learning.html",
        admin,
        status=status,
        form=form,
        report=report,
        most=MOST_AT_A_PAGE,
        shadow=shadow.version if shadow else None,
        **context,
    )


def _days(form: dict[str, str]) -> int:
    days = number_in(form.get("days", "")) or 0
    if not 1 <= days <= MOST_DAYS:
        raise InvalidError(f"between 1 and {MOST_DAYS} days", "days")
    return days
