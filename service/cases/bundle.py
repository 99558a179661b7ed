"""A bundle of one case: for a court, or for whoever asks what is kept of her or of him.

Each reader has a function that says what goes in. For a court that is everything. For a person it is what is
named here and nothing else, so that what is added to a case one day is left out until somebody puts it in:
who asks may have somebody else beside her.

What was handed out is in the ledger by its SHA-256, written before; so the bundle is proved with that record,
by `scripts/check_proof.py` and without the service.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import select

from engine import dates
from engine.model import Reason
from service.access.model import Principal, Right
from service.access.view import reasons_seen
from service.cases.cases import Cases
from service.cases.model import HOLDING, Case, CaseState
from service.errors import ConflictError, InvalidError
from service.ledger import payloads
from service.ledger.evidence import RecordProof, evidence_of
from service.ledger.record import Kind, ledger
from service.registry.journal import RESTRICTION
from service.registry.model import RestrictionVersion
from service.registry.registry import Registry
from service.storage.sealing import SealError
from service.storage.unread import reading

FORMAT = 1
Reader = Literal["court", "person", "prisoner"]
READERS: dict[Reader, str] = {
    "court": "A court, with everything",
    "person": "The protected person, with what is kept of her",
    "prisoner": "The prisoner, with what is kept of him",
}
MOST_DECISIONS = 500
"""Of the newest attempts that were stopped; that there are more is told."""
LEFT_OUT: dict[Reader, tuple[str, ...]] = {
    "court": (),
    "person": (
        "What others said or are: who else asked and their words, the prisoner beyond what she wrote of him",
        "What staff wrote to weigh the request, in which others are named",
        "What she said when she was called, and what came of it: somebody may read this beside her",
        "Who tried to reach her, from where, and what it said",
    ),
    "prisoner": (
        "Who asked, when and why, and all that is kept of the protected person but the name on the letter",
        "What was stopped: it would tell what is listed",
    ),
}
"""In words, for the reader."""


class Bundle(NamedTuple):
    """What is handed out: `contents`, and the proofs, of which the last is of the bundle's own record."""

    contents: dict[str, Any]
    proofs: list[RecordProof]

    @property
    def file(self) -> bytes:
        """As JSON."""
        made = {"bundle": self.contents, "proofs": msgspec.to_builtins(self.proofs)}
        return json.dumps(made, ensure_ascii=False, indent=1).encode()


def digest(contents: dict[str, Any]) -> str:
    """The SHA-256 that the ledger has: of the JSON with its names in order and no blanks."""
    text = json.dumps(contents, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Bundles:
    """Makes them."""

    def __init__(self, cases: Cases, registry: Registry) -> None:
        """Of these cases, and the restrictions behind them."""
        self._cases, self._registry, self._journal = cases, registry, registry.journal

    def make(self, by: Principal, id_: str, reader: Reader, why: str) -> Bundle:
        """A bundle, once the ledger has that it was made, for whom and why.

        Raises ConflictError for a case that was destroyed, or that a prisoner was not told of; ProofError
        where the ledger is not sound.
        """
        by.require(Right.HANDLE_CASES)
        case = self._cases.get(by, id_)
        if case.state is CaseState.DESTROYED:
            raise ConflictError("what was sealed of this case is destroyed", "reader")
        if not why.strip():
            raise InvalidError("say why", "why")
        self._cases.require_seen(by, case)
        restrictions, unread = self._restrictions(by, case)
        not_read = (
            f"case {case.id}, version {one.version}" for one in self._cases.history(case) if one.is_unread
        )
        contents = {
            "format": FORMAT,
            "made": self._journal.clock().isoformat(),
            "for": reader,
            "case": case.id,
            **_CONTENTS[reader](self, by, case, restrictions),
            "cannot_be_read": [] if reader == "prisoner" else [*not_read, *unread],
            "left_out": list(LEFT_OUT[reader]),
        }
        contents = json.loads(json.dumps(contents))
        own = self._record(by, case, reader, why, digest(contents))
        told = [
            *contents.get("versions", ()),
            *contents.get("restriction", ()),
            *contents.get("decisions", ()),
        ]
        proved = sorted({one["record"] for one in told if "record" in one})
        with self._journal.database.read() as connection:
            return Bundle(contents, evidence_of(connection, self._journal.vault, [*proved, own]))

    def _record(self, by: Principal, case: Case, reader: Reader, why: str, sha256: str) -> int:
        """What the proof of it shows is read with it: for her it does not say who and where he is."""
        subject = f"case/{case.id}"
        place = {"prisoner": case.prisoner, "establishment": case.establishment}
        record = self._journal.record(
            by.id,
            subject,
            "bundled",
            kind=Kind.VIEW,
            **(place if reader != "person" else {}),
            **{"for": reader, "sha256": sha256},
        )
        sealed = payloads.seal(self._journal.vault, subject, why)
        with self._journal.write() as connection:
            (seq,) = self._journal.append(connection, [msgspec.structs.replace(record, sealed=sealed)])
        return seq

    def _restrictions(self, by: Principal, case: Case) -> tuple[list[RestrictionVersion], list[str]]:
        """Every version behind it, the first first, where it concerns a prison of theirs; and which of them
        cannot be read."""
        if case.restriction is None or not self._registry.versions.may_concern(
            by.prisons, [case.restriction]
        ):
            return [], []
        found, unread = self._registry.versions.history(case.restriction)
        return found[::-1], [f"restriction {case.restriction}, version {one}" for one in unread[::-1]]

    def court(self, by: Principal, case: Case, restrictions: Sequence[RestrictionVersion]) -> dict[str, Any]:
        """Everything that the officer may see."""
        versions = self._cases.history(case)
        files = versions[0].document.asked.evidence
        return {
            "by": by.id,
            "prisoner": case.prisoner,
            "establishment": case.establishment,
            "versions": [
                {
                    **_step(one),
                    "author": one.author,
                    "document": None if one.is_unread else msgspec.to_builtins(_bare(one)),
                }
                for one in versions
            ],
            "files": [
                {
                    "name": one.name,
                    "bytes": len(one.content),
                    "sha256": hashlib.sha256(one.content).hexdigest(),
                }
                for one in files
            ],
            "restriction": [
                {
                    **_step(one),
                    "id": one.id,
                    "author": one.author,
                    "confirmed_by": one.confirmed_by,
                    "document": msgspec.to_builtins(one.document),
                }
                for one in restrictions
            ],
            **self._decisions(by, case, whole=True),
        }

    def person(self, by: Principal, case: Case, restrictions: Sequence[RestrictionVersion]) -> dict[str, Any]:
        """What is hers: what she said of herself, what became of it, and that somebody tried."""
        document = case.document
        asked, considered = document.asked, document.consideration
        is_hers = asked.asker.who == "self"
        made = {
            "asked": {
                "at": asked.at,
                "kind": asked.kind,
                "person": msgspec.to_builtins(asked.person),
                "court_order": asked.court_order,
            },
            "listed": msgspec.to_builtins(document.contacts),
            "steps": _steps(self._cases.history(case)),
            "he_was_told": _day(document.notice.served),
            "holds": [
                {"at": one.at.isoformat(), "state": one.state.value, "until": one.document.restriction.until}
                for one in restrictions
            ],
            **self._decisions(by, case, whole=False),
        }
        if considered is not None:
            made["pathway"], made["review"] = considered.pathway, considered.review
        if is_hers:
            sought = {"name": asked.sought.name, "number": asked.sought.number}
            own = {"happened": asked.happened, "when": asked.when, "words": document.words}
            made["asked"] |= {"asker": msgspec.to_builtins(asked.asker), "prisoner": sought, **own}
            made["asked"]["files"] = [one.name for one in asked.evidence]
        return made

    def prisoner(self, by: Principal, case: Case, _: Sequence[RestrictionVersion]) -> dict[str, Any]:
        """What he was told already. Raises ConflictError where he was not: this would tell him."""
        notice = case.document.notice
        if notice.served is None:
            raise ConflictError("he was not told of it: a bundle for him would tell him", "reader")
        return {
            "prisoner": case.prisoner,
            "establishment": case.establishment,
            "must_not_contact": case.document.asked.person.name,
            "he_was_told": _day(notice.served),
            "would_not_take_it": notice.refused,
            "state": "in_force" if case.state in HOLDING else self._state(case),
        }

    def _state(self, case: Case) -> str:
        """Whether anybody's request holds its restriction up."""
        if case.restriction is None:
            return "ended"
        with reading(self._journal.vault, RESTRICTION, case.restriction):
            stands = self._registry.versions.get(case.restriction).document.stands
            return "in_force" if stands else "ended"
        return "not known: it cannot be read"

    def _decisions(self, by: Principal, case: Case, *, whole: bool) -> dict[str, Any]:
        """Attempts that its restriction stopped, as far as they are the officer's business."""
        id_ = case.restriction
        wanted = select(ledger).where(
            ledger.c.kind == Kind.DECISION.value,
            ledger.c.outcome.in_(("block", "flag")),
            ledger.c.detail.contains(json.dumps(id_), autoescape=True),
        )
        found: list[dict[str, Any]] = []
        is_cut = False
        with self._journal.database.read() as connection:
            rows = connection.execute(wanted.order_by(ledger.c.seq.desc()).execution_options(yield_per=200))
            for row in rows if id_ is not None else ():
                named = payloads.tried(row.detail).restrictions
                if id_ not in named or not by.covers(row.establishment):
                    continue
                if is_cut := len(found) == MOST_DECISIONS:
                    break
                made = {"at": row.at.isoformat(), "channel": row.channel, "decision": row.outcome}
                found.append(made | (self._whole(by, row, id_, named) if whole else {}))
        return {"decisions": found[::-1], "more_decisions": is_cut}

    def _whole(self, by: Principal, row: Any, id_: str, named: Sequence[str]) -> dict[str, Any]:
        """What was asked and why it was stopped, without what it has to do with somebody else's restriction;
        where there is such a one, the record's own proof would tell of it and is left out."""
        made = {"prisoner": row.prisoner, "establishment": row.establishment}
        made |= {"record": row.seq} if set(named) == {id_} else {}
        try:
            decided = payloads.decided(self._journal.vault, row.subject, row.sealed)
        except SealError:
            return made | {"cannot_be_read": True}
        its_own = msgspec.structs.replace(decided.decision, reasons=_of(decided.decision.reasons, id_))
        seen = reasons_seen(its_own, by, lambda _: True, looked=True)
        reasons = [
            {"code": one.code.value, "given": one.given, "listed": one.listed, "steps": list(one.steps)}
            for one in seen.reasons
        ]
        return made | {"asked": msgspec.to_builtins(decided.attempt), "reasons": reasons}


def _of(reasons: Sequence[Reason], id_: str) -> tuple[Reason, ...]:
    return tuple(one for one in reasons if one.restriction in (None, id_))


def _step(one: Case | RestrictionVersion) -> dict[str, Any]:
    at: datetime = one.at
    return {"version": one.version, "at": at.isoformat(), "state": one.state.value, "record": one.seq}


def _bare(one: Case) -> Any:
    """The document with the names of its files alone."""
    document = one.document
    asked = msgspec.structs.replace(document.asked, evidence=())
    return msgspec.structs.replace(document, asked=asked)


def _steps(history: Sequence[Case]) -> list[dict[str, str]]:
    """When its state changed. That somebody asked for an end, or called her, is not told, nor that anything
    was written then: whoever reads this with her may have made her ask."""
    steps: list[dict[str, str]] = []
    for one in history:
        state = CaseState.IN_FORCE if one.state is CaseState.WITHDRAWING else one.state
        if not steps or steps[-1]["state"] != state.value:
            steps.append({"at": one.at.isoformat(), "state": state.value})
    return steps


_CONTENTS: dict[
    Reader, Callable[[Bundles, Principal, Case, Sequence[RestrictionVersion]], dict[str, Any]]
] = {"court": Bundles.court, "person": Bundles.person, "prisoner": Bundles.prisoner}


def _day(moment: str | None) -> str:
    """The UK day of it, as an ISO 8601 date."""
    return str(dates.day_of(moment)) if moment else ""
