"""Whether the tables are as the service wrote them: every row's hash, and what the ledger says of each.

The hash of a row shows what was changed in it. What is whole in itself, and yet not what the service left,
shows against the ledger: a row that is gone, an older one put back, one that nothing was recorded of. So it
is worth as much as the ledger is: `service.ledger.verify` comes first. Of a row its table and its key are
told, never what is in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, String, select, type_coerce
from sqlalchemy.exc import DBAPIError

from engine.canary import is_imaginary, tried_by_us
from service.cases.model import CaseState
from service.ledger import payloads, times
from service.ledger.record import Kind, ledger
from service.registry.policies import IN_FORCE
from service.storage import rows, soundness
from service.storage.database import Database, metadata
from service.storage.sealing import Vault

MOST_PROBLEMS = 1_000
"""Beyond it no more are told."""
CLOCKS = timedelta(minutes=1)
"""By how much a row and its record, written together, may differ in time."""

_VERSION = re.compile(
    r"(restriction|register|prisoner|directory|case|monitoring)/(.+)/(\d+)", re.DOTALL
).fullmatch
_TABLES = {
    "restriction": "restriction_version",
    "register": "register_version",
    "prisoner": "prisoner",
    "directory": "directory_version",
    "case": "case_version",
    "monitoring": "monitoring_version",
}
_detail = msgspec.json.Decoder(dict[str, Any]).decode
_APPROVED = {"asked": "pending", "confirmed": "confirmed", "refused": "refused", "superseded": "refused"}
_REVIEWED = {
    "settled": ("settled",),
    "asks_second": ("second",),
    "escalated": ("open",),
    "gone": ("gone",),
}
_LARGE = ("sealed", "text", rows.MAC)
_UNKNOWN = "the ledger has no such record of it"
_OLDER = "an older row put back: the ledger records"
_ENDING = ("changed", "disabled", "password_changed", "password_reset")
Raw = Mapping[str, Any]


class RowFault(msgspec.Struct, frozen=True):
    """A row that is not as the service left it: its table, its key, and how that shows."""

    table: str
    key: str
    what: str


class _Recorded(msgspec.Struct):
    """What the ledger's records come to, by what they are about."""

    versions: dict[str, dict[tuple[str, int], int]] = msgspec.field(
        default_factory=lambda: {kind: {} for kind in _TABLES}
    )
    """For each kind, of (id, version) the record's number."""
    last: dict[tuple[str, str], int] = {}
    """The last version of (kind, id)."""
    named: set[tuple[str, str]] = set()
    """(prisoner, restriction)."""
    announced: set[int] = set()
    policies: dict[int, str] = {}
    approvals: dict[str, str] = {}
    messages: dict[str, str] = {}
    keys: dict[str, str] = {}
    nodes: dict[str, str] = {}
    accounts: dict[str, dict[str, Any]] = {}
    sessions: dict[str, bool] = {}
    """Whether each has to be over."""
    was_set_back: bool = False
    """Whether the clock was, since the last start: the sessions of before are then over after the next."""
    of_account: dict[str, set[str]] = {}
    marked: int = 0
    """How often every row was marked: once."""
    is_node: bool = False
    """Whether its flags wait at the centre."""
    items: dict[int, tuple[str, int | None]] = {}
    """Of each flag the last thing that was done, and the claim under which."""


def verify_rows(database: Database, vault: Vault) -> list[RowFault]:
    """Every row that is not as it was written, missing ones too; while the service may go on writing."""
    faults: list[RowFault] = []

    def say(table: str, key: object, what: str) -> None:
        if len(faults) < MOST_PROBLEMS:
            faults.append(RowFault(table, str(key)[:120], what))

    with database.read() as connection:
        for what in (*soundness.faults(connection, metadata.tables), *soundness.damage(connection)):
            say("database", "itself", what)

    with database.read() as connection:
        kept = {table: _read(connection, vault, table, say) for table in _wanted()}
        try:
            recorded = _recorded(connection)
        except (DBAPIError, msgspec.DecodeError, TypeError, ValueError, KeyError, AttributeError):
            say("ledger", "", "its records cannot be read: the rows are not held against them")
            return faults
    if recorded.marked > 1:
        say("database", "itself", "its rows were marked more than once: a forgery before is marked as good")
    for compare in (
        _versions,
        _policies,
        _approvals,
        _messages,
        _keys,
        _nodes,
        _accounts,
        _sessions,
        _items,
        _leads,
    ):
        compare(kept, recorded, say)
    return faults


Say = Callable[[str, object, str], None]
Kept = Mapping[str, list[dict[str, Any]]]


def _wanted() -> list[str]:
    marked = [name for name, table in metadata.tables.items() if rows.is_marked(table)]
    return sorted([*marked, "outbox", "restriction_prisoner", "case_key"])


def _read(connection: Connection, vault: Vault, table: str, say: Say) -> list[dict[str, Any]]:
    """The rows of a table without what is large in them; those that do not hold are told."""
    names = [column.name for column in metadata.tables[table].primary_key]
    is_marked = rows.is_marked(metadata.tables[table])
    found = []
    try:
        for row in rows.raw(connection, table):
            if is_marked and not rows.raw_holds(vault, table, row):
                say(table, "/".join(str(row[name]) for name in names), "changed in the database")
            found.append({name: value for name, value in row.items() if name not in _LARGE})
    except DBAPIError:
        say(table, "", "has a row that cannot be read")
    return found


def _recorded(connection: Connection) -> _Recorded:
    columns = (ledger.c.seq, type_coerce(ledger.c.at, String), ledger.c.kind, ledger.c.subject)
    wanted = select(*columns, ledger.c.outcome, ledger.c.detail, ledger.c.prisoner).order_by(ledger.c.seq)
    known = _Recorded()
    for seq, at, kind, subject, outcome, detail, prisoner in connection.execute(
        wanted.execution_options(yield_per=rows.AT_ONCE)
    ):
        if kind == Kind.CHANGE:
            _take_change(known, seq, at, subject, outcome, _detail(detail))
        elif kind == Kind.SIGN_IN and subject != "token":
            named = _detail(detail).get("session") or subject.partition("/")[2]
            _begin(known, str(named), subject)
        elif kind == Kind.SIGN_OUT:
            known.sessions[subject.partition("/")[2]] = True
        elif times.is_mark(kind, subject, outcome):
            known.was_set_back = True
        elif kind == Kind.SYSTEM and subject == times.STARTED:
            known.is_node = bool(_detail(detail).get("queued_elsewhere", known.is_node))
            if known.was_set_back:
                known.was_set_back = False
                known.sessions = dict.fromkeys(known.sessions, True)
        elif (kind == Kind.DECISION and outcome == "flag") or outcome in ("pattern", "drift_held"):
            ours = is_imaginary(prisoner) and tried_by_us(prisoner, payloads.tried(detail).restrictions)
            if not known.is_node and not ours:
                known.items[seq] = ("flagged", None)
        elif kind == Kind.SYSTEM and subject == rows.MARKED:
            known.marked += 1
        elif kind == Kind.REVIEW and subject.startswith("review/"):
            known.items[int(subject.partition("/")[2])] = (outcome, _detail(detail).get("token"))
    return known


def _take_change(
    known: _Recorded, seq: int, at: str, subject: str, outcome: str, detail: dict[str, Any]
) -> None:
    head, _, rest = subject.partition("/")
    if version := _VERSION(subject):
        kind, id_, number = version.group(1), version.group(2), int(version.group(3))
        known.versions[kind][id_, number] = seq
        known.last[kind, id_] = max(number, known.last.get((kind, id_), 0))
        known.named.update((prisoner, id_) for prisoner in detail.get("prisoners", ()))
        known.announced.add(seq)
    elif head == "policy" and outcome == IN_FORCE:
        known.policies[seq] = rest
        known.announced.add(seq)
    elif head == "approval":
        known.approvals[rest] = outcome
        known.announced.add(seq)
    elif head == "message":
        known.messages[rest] = outcome
    elif head == "key":
        known.keys[rest] = outcome
    elif head == "node":
        known.nodes[rest] = outcome
    elif head == "account":
        about = known.accounts.setdefault(rest, {})
        given = detail.get("to") if outcome in ("changed", "disabled") else detail
        about.update({k: v for k, v in (given or {}).items() if k in ("roles", "prisons", "state")})
        if outcome in ("created", "password_changed", "password_reset"):
            about["password"] = at
        if outcome in _ENDING:
            for session in known.of_account.pop(rest, ()):
                known.sessions[session] = True
        if "session" in detail:
            _begin(known, str(detail["session"]), subject)


def _begin(known: _Recorded, session: str, subject: str) -> None:
    known.sessions[session] = False
    if subject.startswith("account/"):
        known.of_account.setdefault(subject.partition("/")[2], set()).add(session)


def _versions(kept: Kept, known: _Recorded, say: Say) -> None:
    for kind, table in _TABLES.items():
        id_of = "number" if kind == "prisoner" else "id"
        recorded, found = known.versions[kind], set()
        for row in kept[table]:
            place = (row[id_of], row["version"])
            key = f"{place[0]}/{place[1]}"
            found.add(place)
            if recorded.get(place) != row["seq"]:
                say(table, key, _UNKNOWN)
            elif bool(row["latest"]) != (row["version"] == known.last[kind, row[id_of]]):
                say(
                    table, key, "an older row put back: the ledger says otherwise which version is the latest"
                )
        for id_, version in recorded.keys() - found:
            say(table, f"{id_}/{version}", "missing")


def _policies(kept: Kept, known: _Recorded, say: Say) -> None:
    for one, row in _by_key(kept, "policy_version", "seq", known.policies, say):
        if row["mode"] != known.policies[one]:
            say("policy_version", one, _UNKNOWN)


def _by_key(
    kept: Kept, table: str, key: str, known: Mapping[Any, Any], say: Say
) -> Iterator[tuple[Any, Raw]]:
    """Each row that there is and has to be; told are those of which only one is so."""
    found = {row[key]: row for row in kept[table]}
    for one in found.keys() - known.keys():
        say(table, one, _UNKNOWN)
    for one in known.keys() - found.keys():
        say(table, one, "missing")
    for one in found.keys() & known.keys():
        yield one, found[one]


def _approvals(kept: Kept, known: _Recorded, say: Say) -> None:
    for one, row in _by_key(kept, "approval", "id", known.approvals, say):
        if row["state"] != _APPROVED.get(known.approvals[one]):
            say("approval", one, f"the ledger's last record of it is: {known.approvals[one]}")


def _messages(kept: Kept, known: _Recorded, say: Say) -> None:
    named = {"case_message": [{**row, "of": f"{row['id']}/{row['version']}"} for row in kept["case_message"]]}
    for one, row in _by_key(named, "case_message", "of", known.messages, say):
        if row["state"] != known.messages[one]:
            say("case_message", one, f"the ledger's last record of it is: {known.messages[one]}")


def _keys(kept: Kept, known: _Recorded, say: Say) -> None:
    for one, row in _by_key(kept, "api_key", "id", known.keys, say):
        if (row["revoked_at"] is not None) != (known.keys[one] == "revoked"):
            say("api_key", one, f"the ledger's last record of it is: {known.keys[one]}")


def _nodes(kept: Kept, known: _Recorded, say: Say) -> None:
    for one, row in _by_key(kept, "node", "name", known.nodes, say):
        if (row["withdrawn"] is not None) != (known.nodes[one] == "withdrawn"):
            say("node", one, f"the ledger's last record of it is: {known.nodes[one]}")


def _accounts(kept: Kept, known: _Recorded, say: Say) -> None:
    for one, row in _by_key(kept, "account", "name", known.accounts, say):
        about = {"state": "active", **known.accounts[one]}
        if any(row[name] != about[name] for name in ("roles", "prisons", "state") if name in about):
            say("account", one, f"{_OLDER} other roles, prisons or state")
        elif "password" in about and not _is_from(row["password_at"], about["password"]):
            say("account", one, f"{_OLDER} a later password")


def _is_from(text: Any, recorded: str) -> bool:
    try:
        return datetime.fromisoformat(text) >= datetime.fromisoformat(recorded) - CLOCKS
    except (TypeError, ValueError):
        return False


def _sessions(kept: Kept, known: _Recorded, say: Say) -> None:
    for one, row in _by_key(kept, "session", "id", known.sessions, say):
        if known.sessions[one] and row["ended"] is None:
            say("session", one, f"{_OLDER} that it ended")


def _items(kept: Kept, known: _Recorded, say: Say) -> None:
    for one, row in _by_key(kept, "review_item", "seq", known.items, say):
        act, token = known.items[one]
        if act == "flagged":
            is_so = row["state"] == "open" and row["token"] == 0
        elif act in ("claimed", "skipped", "undone"):
            is_so = row["state"] in ("open", "second")
        else:
            is_so = row["state"] in _REVIEWED.get(act, ("decided",))
        if not is_so or (token is not None and row["token"] != token):
            say("review_item", one, f"the ledger's last record of it is: {act}")


def _leads(kept: Kept, known: _Recorded, say: Say) -> None:
    named = {(row["prisoner"], row["id"]) for row in kept["restriction_prisoner"]}
    for prisoner, id_ in known.named - named:
        say("restriction_prisoner", f"{prisoner}/{id_}", "missing")
    keys = {row["id"] for row in kept["case_key"]}
    for row in kept["case_version"]:
        if row["latest"] and row["state"] != CaseState.DESTROYED and row["id"] not in keys:
            say("case_key", row["id"], "missing")
    told = {row["seq"] for row in kept["outbox"]}
    for seq in known.announced - told:
        say("outbox", seq, "missing")
