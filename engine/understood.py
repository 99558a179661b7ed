"""What a program of another version wrote: as much of it as is known here, the rest told by name.

A newer one has words for what is not looked for here: of a policy they are left out. An older one lacks words
for what is: they flag. What is said of a known thing in an unknown word is the most careful thing that is
known. A restriction of which something is not known here was read in part (`Restriction.unread`), so nothing
is allowed to whom it names; what is known of it is in force as ever. Where all is known nothing here runs.
"""

from __future__ import annotations

from collections.abc import Callable
from types import NoneType, UnionType
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from engine.model import Contact, Reason, ReasonCode, Restriction
from engine.policy import ACTIONS, NEVER_ALLOWED, NEWER, UNCHOSEN, Policy
from matchers.phone import NumberClass

T = TypeVar("T")

NOT_KNOWN = "not known to this version"
CAREFUL = {
    ("call", "flag"): "refuse",
    ("call", "block"): "refuse",
    ("message", "flag"): "hold",
    ("message", "block"): "stop",
    ("letter", "flag"): "hold",
    ("letter", "block"): "stop",
}
"""What is done where a policy says it in a word that is not known here."""
_LEFT_OUT = object()


class Understanding(Generic[T]):
    """Reads one kind of thing from MessagePack. Safe to share between threads."""

    def __init__(self, kind: type[T]) -> None:
        """`kind` is a struct."""
        self._kind = kind
        self._strictly = msgspec.msgpack.Decoder(kind).decode

    def decode(self, packed: bytes | memoryview) -> tuple[T, tuple[str, ...]]:
        """It, and the names of what was not known. Raises msgspec.DecodeError, ValueError."""
        try:
            return self._strictly(packed), ()
        except ValueError:  # DecodeError and PolicyError are two
            unknown: dict[str, None] = {}
            cleaned = _cleaned(self._kind, msgspec.msgpack.decode(packed), "", unknown)
            return msgspec.convert(cleaned, self._kind), tuple(unknown)


def _cleaned(kind: Any, given: Any, path: str, unknown: dict[str, None]) -> Any:
    """What is known of a value, in plain data."""
    kind = _of_optional(kind, given)
    origin, inner = get_origin(kind), get_args(kind)
    if _is_struct(kind):
        if kind.__struct_config__.array_like and isinstance(given, list):
            hints = get_type_hints(kind)
            return [
                _cleaned(hints[name], one, _joined(path, name), unknown)
                for name, one in zip(kind.__struct_fields__, given, strict=False)
            ]
        read: Callable[..., Any] = _HOOKS.get(kind, _struct)
        return read(kind, given, path, unknown) if isinstance(given, dict) else given
    if origin in (tuple, list) and isinstance(given, list | tuple) and (origin is list or ... in inner):
        every = (_cleaned(inner[0], one, path, unknown) for one in given)
        return [one for one in every if one is not _LEFT_OUT]
    if origin is dict and isinstance(given, dict):
        return {key: _cleaned(inner[1], value, path, unknown) for key, value in given.items()}
    return given


def _struct(kind: type[msgspec.Struct], given: dict[str, Any], path: str, unknown: dict[str, None]) -> Any:
    hints = get_type_hints(kind)
    kinds = {
        encoded: hints[name]
        for encoded, name in zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True)
    }
    for name in given.keys() - kinds.keys():
        if kind.__struct_config__.forbid_unknown_fields:
            unknown[_joined(path, name)] = None
    return {
        name: _cleaned(kinds[name], value, _joined(path, name), unknown)
        for name, value in given.items()
        if name in kinds
    }


def _contact(kind: type[msgspec.Struct], given: dict[str, Any], path: str, unknown: dict[str, None]) -> Any:
    if given.get("kind") not in get_args(get_type_hints(Contact)["kind"]):
        unknown[_joined(path, "kind")] = None
        return _LEFT_OUT
    return _struct(kind, given, path, unknown)


def _restriction(
    kind: type[msgspec.Struct], given: dict[str, Any], path: str, unknown: dict[str, None]
) -> Any:
    here: dict[str, None] = {}
    cleaned = _struct(kind, given, "", here)
    for name, widest in (("scope", "estate"), ("pathway", None)):
        words = get_args(get_type_hints(Restriction)[name])
        known = [one for word in words for one in get_args(word) or (word,)]
        if cleaned.get(name) is not None and cleaned[name] not in known:
            cleaned[name] = widest
            here[name] = None
    unknown |= {_joined(path, name): None for name in here}
    if here:
        told = [f"{name}: {NOT_KNOWN}" for name in here]
        cleaned["unread"] = [*cleaned.get("unread", ()), *told]
    return cleaned


def _reason(kind: type[msgspec.Struct], given: dict[str, Any], path: str, unknown: dict[str, None]) -> Any:
    """Of a decision that was made elsewhere: it stays the decision that it was."""
    cleaned = _struct(kind, given, path, unknown)
    code = str(cleaned.get("code"))
    if code not in {one.value for one in ReasonCode}:
        unknown[_joined(path, "code")] = None
        cleaned["code"] = ReasonCode.MATCHER_FAILED.value
        cleaned["steps"] = [*cleaned.get("steps", ()), f"{code}: {NOT_KNOWN}"]
    return cleaned


def _policy(kind: type[msgspec.Struct], given: dict[str, Any], path: str, unknown: dict[str, None]) -> Any:
    cleaned = _struct(kind, given, path, unknown)
    codes = [code.value for code in ReasonCode if code not in UNCHOSEN]
    classes = [one.value for one in NumberClass if one not in (NumberClass.INCOMPLETE, NumberClass.UNUSABLE)]

    def words(table: str, wanted: list[str], otherwise: Callable[[str], str]) -> dict[str, str]:
        had = cleaned.get(table) or {}
        for name in sorted(had.keys() - {*wanted}):
            unknown[_joined(path, f"{table}.{name}")] = None
        read = {}
        for name in wanted:
            read[name] = had.get(name, "")
            if read[name] not in ("allow", "flag", "block"):
                unknown[_joined(path, f"{table}.{name}")] = None
                read[name] = otherwise(name)
        return read

    newer = {code.value: verdict for code, verdict in NEWER.items()}
    cleaned["reasons"] = words("reasons", codes, lambda code: newer.get(code, "flag"))
    cleaned["number_class"] = words("number_class", classes, lambda _: "flag")
    for code in NEVER_ALLOWED:
        if cleaned["reasons"][code.value] == "allow":  # an older floor was lower
            unknown[_joined(path, f"reasons.{code.value}")] = None
            cleaned["reasons"][code.value] = "flag"
    had = cleaned.get("action") or {}
    for channel, told in had.items():
        for verdict in sorted(told.keys() - ACTIONS.get(channel, {}).keys()):
            unknown[_joined(path, f"action.{channel}.{verdict}")] = None
    cleaned["action"] = {}
    for channel, verdicts in ACTIONS.items():
        cleaned["action"][channel] = {}
        for verdict, allowed in verdicts.items():
            word = had.get(channel, {}).get(verdict)
            if word not in allowed:
                unknown[_joined(path, f"action.{channel}.{verdict}")] = None
                word = CAREFUL.get((channel, verdict), allowed[0])
            cleaned["action"][channel][verdict] = word
    return cleaned


_HOOKS: dict[Any, Callable[..., Any]] = {
    Policy: _policy,
    Restriction: _restriction,
    Contact: _contact,
    Reason: _reason,
}


def _of_optional(kind: Any, given: Any) -> Any:
    """The one of several kinds that has parts of its own."""
    if get_origin(kind) not in (Union, UnionType) or given is None:
        return kind
    inner = [one for one in get_args(kind) if one is not NoneType]
    with_parts = [one for one in inner if get_origin(one) not in (None, Literal) or _is_struct(one)]
    return with_parts[0] if with_parts and isinstance(given, dict | list | tuple) else kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
