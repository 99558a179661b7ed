"""From findings to a decision. The precedence, told once:

1. The recipient is on the confidential register: allow (`CONFIDENTIAL`), content is not looked at. If the
   same contact point is restricted for this prisoner too: flag (`CONFIDENTIAL_CONFLICT`). What is found on
   another address of a letter, a doubtful reading and a failed matcher count all the same. A confidential
   call that is flagged, for whatever reason, still connects.
2. An exception names this prisoner and this contact point: its own restriction does not count (`EXCEPTION`),
   unless a court order stands: then flag. Other restrictions on the same contact point hold. A letter by a
   prisoner whom the restriction names, to the protected person's own name, flags in spite of it: the
   exception is for the household.
3. Otherwise the most restrictive reason wins: block over flag over allow.
4. What cannot be read is never allowed: an unusable number blocks a call; an unusable address or a
   message's unusable recipient flags.
5. A prisoner under heightened monitoring: what would be allowed of his letters and messages flags
   (`HEIGHTENED`). His calls are decided as ever. What is confidential, or is marked so, is not opened, and is
   answered as without the monitoring.
6. A failed matcher, a stale, incomplete or missing blocklist lift an allow to a flag.
7. On a list that holds one prison's restrictions beside the estate's, nothing is let through for whoever is
   not known to be there (`NOT_HELD_HERE`): a call is blocked, since a flag connects it, and the rest flags.
   What is confidential flags, so that the call connects. No policy chooses it.

Which restrictions concern whom: scope `estate` holds for every prisoner. Scope `prisoner` holds for those it
names; another prisoner's attempt flags (`OTHER_PRISONER`) when he is in the prison that it names, or nobody
knows where he is; from any other prison it is nothing. A restriction that names no prison leaves other
prisoners alone: who wants them all stopped asks for the scope `estate`. A letter to a restricted address is
blocked when the restriction names the prisoner, whoever it is addressed to, and when it is addressed to the
protected person; anybody else's letter there flags (`HOUSEHOLD`). How probable a door must be to flag depends
on the same: less (`address.flag`) for a prisoner whom the restriction names and for a sender nobody knows,
more (`address.flag_others`) for anybody else; whatever may be the door with the protected person's own name,
and where the named prisoner writes to nobody's.

What is a matter of choice stands in `policy.toml`.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from importlib.resources import files
from typing import Any, get_args

import msgspec

from engine import dates
from engine.combining import conclude, most_restrictive, surest
from engine.finding import Finding
from engine.model import Action, Attempt, Channel, Decision, Reason, ReasonCode, Restriction, Verdict
from matchers.phone import NumberClass

NOT_A_PRISON = ("OUT", "TRN", "DEC")
"""Establishment codes of nowhere: released, between two prisons, and died."""

_SAME_CONTACT_POINT = (
    ReasonCode.RESTRICTED_NUMBER,
    ReasonCode.RESTRICTED_EMAIL,
    ReasonCode.RESTRICTED_HANDLE,
    ReasonCode.RESTRICTED_ADDRESS,
    ReasonCode.HOUSEHOLD,
    ReasonCode.OTHER_PRISONER,
)
_DOUBTFUL_DOOR = (ReasonCode.PROBABLE_ADDRESS, ReasonCode.INCOMPLETE_ADDRESS)
_COUNTS_ALL_THE_SAME = (ReasonCode.DOUBTFUL_READING, ReasonCode.MATCHER_FAILED)
"""Whoever the recipient is."""
_ODD_BY_ITSELF = (ReasonCode.EXTRA_DIGITS, ReasonCode.INCOMPLETE_NUMBER)
ACTIONS: dict[Channel, dict[Verdict, tuple[Action, ...]]] = {
    "call": {"allow": ("connect",), "flag": ("connect_and_alert", "refuse"), "block": ("refuse",)},
    "message": {"allow": ("deliver",), "flag": ("hold", "stop"), "block": ("stop", "hold")},
    "letter": {"allow": ("post",), "flag": ("hold", "stop"), "block": ("stop", "hold")},
}
"""What a policy may say is done. An allow has no other word: what is to be stopped is a flag or a block."""
NEVER_ALLOWED: dict[ReasonCode, str] = {
    **dict.fromkeys(
        (
            ReasonCode.RESTRICTED_NUMBER,
            ReasonCode.RESTRICTED_ADDRESS,
            ReasonCode.RESTRICTED_EMAIL,
            ReasonCode.RESTRICTED_HANDLE,
            ReasonCode.HOUSEHOLD,
            ReasonCode.OTHER_PRISONER,
            ReasonCode.CONFIDENTIAL_CONFLICT,
        ),
        "the very contact point is restricted",
    ),
    **dict.fromkeys(
        (ReasonCode.UNUSABLE_NUMBER, ReasonCode.UNUSABLE_ADDRESS, ReasonCode.DOUBTFUL_READING),
        "what cannot be read is never allowed",
    ),
    ReasonCode.UNVERIFIED_PRIVILEGE: "what an envelope says of itself opens no gate",
    ReasonCode.HEIGHTENED: "an officer has ordered that somebody looks at it",
    **dict.fromkeys(
        (ReasonCode.STALE_BLOCKLIST, ReasonCode.MATCHER_FAILED), "a failure never opens the gate"
    ),
}
"""The floor under every policy, with the reason that its error gives. `HOUSEHOLD` and `OTHER_PRISONER` are
exact matches too, and what a letter of unknown sender gets. Likeness, content and patterns are judgements,
and a policy's own matter."""
HIGHEST_BLOCK, HIGHEST_FLAG = 0.8, 0.4
"""What the thresholds for addresses may be raised to. An address held against itself, without a postcode, has
about 0.8 and never less than 0.4: above that a policy would let an equal one through."""
NEWER: dict[ReasonCode, Verdict] = {ReasonCode.HEIGHTENED: "flag"}
"""Reasons that a policy of an earlier version does not say: what it then has for them."""
UNCHOSEN = (ReasonCode.NUMBER_CLASS, ReasonCode.NOT_HELD_HERE)
"""Reasons of which a policy says nothing among the others."""
_CLASSLESS = (NumberClass.INCOMPLETE, NumberClass.UNUSABLE)


class PolicyError(ValueError):
    """A policy that cannot be used; its text names the key."""


class _Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    own_name_score: float


class _Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    block: float
    flag: float
    flag_others: float | None = None

    @property
    def others(self) -> float:
        """What a doubtful door needs for anybody else: an older policy, which does not say, asks no more."""
        return self.flag if self.flag_others is None else self.flag_others


class _Blocklist(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    stale_after_hours: float


class _Words(msgspec.Struct, frozen=True):
    """The tables of a policy's file, before anybody knows whether their words are any."""

    reasons: dict[str, str]
    number_class: dict[str, str]
    action: dict[str, dict[str, str]]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The choices of `policy.toml`, checked: every reason, class and action has its word."""

    reasons: dict[str, Verdict]
    number_class: dict[str, Verdict]
    person: _Person
    address: _Address
    blocklist: _Blocklist
    action: dict[Channel, dict[Verdict, Action]]

    def __post_init__(self) -> None:
        """Check that nothing is missing or unknown. Raises PolicyError."""
        _same_keys("reasons", self.reasons, {*ReasonCode} - {*UNCHOSEN})
        _same_keys("number_class", self.number_class, {*NumberClass} - {*_CLASSLESS})
        _check_actions(self.action)
        if not 0 <= self.person.own_name_score <= 1:
            raise PolicyError("person.own_name_score: not between 0 and 1")
        if not 0 <= self.address.flag <= self.address.block <= 1:
            raise PolicyError("address: not 0 <= flag <= block <= 1")
        if self.address.block > HIGHEST_BLOCK or self.address.flag > HIGHEST_FLAG:
            raise PolicyError(f"address: block above {HIGHEST_BLOCK}, or flag above {HIGHEST_FLAG}")
        if not self.address.flag <= self.address.others <= HIGHEST_FLAG:
            raise PolicyError(f"address.flag_others: not between flag and {HIGHEST_FLAG}")
        if not 0 < self.blocklist.stale_after_hours < 10 * 365 * 24:
            raise PolicyError("blocklist.stale_after_hours: not between 0 and ten years")
        for code, why in NEVER_ALLOWED.items():
            if self.reasons[code] == "allow":
                raise PolicyError(f"reasons.{code}: may not be allow; {why}")

    @property
    def version(self) -> str:
        """ "sha256:…" of the choices, whatever their order and comments."""
        return "sha256:" + sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()

    @property
    def stale_after(self) -> timedelta:
        """How long a blocklist may go unconfirmed."""
        return timedelta(hours=self.blocklist.stale_after_hours)


# Made once, here: two threads that make the same one at the same moment can end the process.
_words = msgspec.json.Decoder(_Words)
_policies = msgspec.json.Decoder(Policy)


def read_policy(text: bytes | None = None) -> Policy:
    """Read a policy from TOML; without one, the packaged `policy.toml`. Raises PolicyError."""
    if text is None:
        text = files("engine").joinpath("policy.toml").read_bytes()
    try:
        given = tomllib.loads(text.decode("utf-8-sig"))
        if isinstance(reasons := given.get("reasons"), dict):
            given["reasons"] = {**NEWER, **reasons}
        text = msgspec.json.encode(given)
        words = _words.decode(text)
        for table, verdicts in (("reasons", words.reasons), ("number_class", words.number_class)):
            for key, word in verdicts.items():
                _one_of(f"{table}.{key}", word, get_args(Verdict))
        _check_actions(words.action)
        return _policies.decode(text)
    except PolicyError:
        raise
    except UnicodeDecodeError as error:
        raise PolicyError(f"not UTF-8: byte {error.start + 1}") from None
    except RecursionError:
        raise PolicyError("nested too deeply") from None
    except (msgspec.DecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyError(str(error)) from None
    except (ValueError, TypeError):
        raise PolicyError("a value that is no word and no number of a policy") from None


def write_policy(policy: Policy) -> str:
    """The policy as TOML that `read_policy` takes, without comments."""
    lines = []
    for table, values in _tables(policy).items():
        lines += ["", f"[{table}]"]
        lines += [f"{key} = {_toml(word)}" for key, word in values.items() if word is not None]
    return "\n".join(lines[1:]) + "\n"


def _toml(value: str | float) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def differences(before: Policy, after: Policy) -> list[tuple[str, str, str]]:
    """Each word and number that two policies do not share: (key, before, after), in the order of the file."""
    old, new = _flat(before), _flat(after)
    return [(key, old[key], value) for key, value in new.items() if old[key] != value]


def _flat(policy: Policy) -> dict[str, str]:
    """The choices by their keys in the file. Every policy has every key."""
    tables = _tables(policy)
    tables["address"]["flag_others"] = policy.address.others
    return {f"{name}.{key}": str(word) for name, table in tables.items() for key, word in table.items()}


def _tables(policy: Policy) -> dict[str, dict[str, Any]]:
    """The tables of the file."""
    tables: dict[str, dict[str, Any]] = msgspec.to_builtins(policy)
    actions = tables.pop("action")
    return tables | {f"action.{channel}": words for channel, words in actions.items()}


def decide(
    policy: Policy,
    attempt: Attempt,
    at: dates.When,
    findings: Sequence[Finding],
    *,
    blocklist: str,
    confidential: str | None = None,
    usable: bool = True,
    held: bool = True,
) -> Decision:
    """Weigh what was found.

    `at` is the moment of the attempt; `confidential` is the steps-free listed value of a sure match on the
    confidential register; `usable` is False when nothing may be allowed on this blocklist, `held` when it
    does not have what concerns this prisoner.
    """
    if not findings and confidential is None and usable and held:
        return conclude(
            attempt.id,
            attempt.channel,
            (),
            policy.action[attempt.channel],
            confidential=False,
            blocklist=blocklist,
        )
    weighed = [(f, reason) for f in findings if (reason := _weigh(policy, attempt, at, f)) is not None]
    reasons = [reason for _, reason in weighed]
    if any(f.exact and _is_sure(f, at) for f, _ in weighed):  # that says more than what is odd about it
        reasons = [r for r in reasons if r.code not in _ODD_BY_ITSELF]
    if confidential is not None:
        against = [_conflict(policy, r) for r in reasons if r.code in _SAME_CONTACT_POINT]
        beside = [
            r
            for f, r in weighed
            if r.code in _COUNTS_ALL_THE_SAME or (f.place == "other" and r.code not in _SAME_CONTACT_POINT)
        ]
        reasons = [*(against or [_confidential(attempt, confidential)]), *beside]
    elif any(r.code is ReasonCode.EXCEPTION and _is_sure(f, at) for f, r in weighed):
        reasons = [r for r in reasons if r.code not in (ReasonCode.NUMBER_CLASS, ReasonCode.PO_BOX)]
    if not usable and most_restrictive(reasons) == "allow":
        reasons.append(_without_list(policy))
    if not held and most_restrictive(reasons) != "block":
        reasons.append(_not_held(attempt, is_confidential=confidential is not None))
    return conclude(
        attempt.id,
        attempt.channel,
        surest(reasons),
        policy.action[attempt.channel],
        confidential=confidential is not None,
        blocklist=blocklist,
    )


def _is_sure(finding: Finding, at: dates.When) -> bool:
    """Whether its restriction is in force by every clock: only then it takes the place of other reasons."""
    if finding.listing is None:
        return True
    restriction = finding.listing.restriction
    return dates.surely_in_force(restriction.from_, restriction.until, at)


def _weigh(policy: Policy, attempt: Attempt, at: dates.When, finding: Finding) -> Reason | None:
    """The reason that a finding gives, or None when its restriction does not concern this attempt."""
    code = finding.code
    if finding.listing is None:
        return _reason(policy, attempt, code, finding)
    restriction = finding.listing.restriction
    if not dates.in_force(restriction.from_, restriction.until, at):
        return None
    named = attempt.prisoner in restriction.prisoners
    if code is ReasonCode.MATCHER_FAILED:  # whoever it is, it was not compared
        return _reason(policy, attempt, code, finding)
    if not named and restriction.scope == "prisoner" and not _perhaps_together(attempt, restriction):
        return None
    if finding.exempt:
        if restriction.has_court_order:
            return _reason(policy, attempt, ReasonCode.EXCEPTION, finding, "flag", "a court order stands")
        if not (named and finding.to_protected):
            return _reason(policy, attempt, ReasonCode.EXCEPTION, finding) if _is_sure(finding, at) else None
        return _reason(policy, attempt, ReasonCode.RESTRICTED_PERSON, finding)
    if code in _DOUBTFUL_DOOR and finding.score < _least(policy, attempt, finding, named=named):
        return None
    if not named and restriction.scope == "prisoner":
        return _reason(policy, attempt, ReasonCode.OTHER_PRISONER, finding)
    if code is ReasonCode.RESTRICTED_ADDRESS and not named and not finding.to_protected:
        return _reason(policy, attempt, ReasonCode.HOUSEHOLD, finding)
    return _reason(policy, attempt, code, finding)


def _least(policy: Policy, attempt: Attempt, finding: Finding, *, named: bool) -> float:
    """How probable a doubtful door must be to count against this sender, with what is on the envelope.

    Whatever may be the door counts with the protected person's name on it, were it the first alone, and where
    the named prisoner writes to nobody: her whole block, or a flat that is made up, may be all that it bears.
    """
    if finding.to_protected or (named and finding.to_nobody):
        return 0.0
    near = named or attempt.prisoner is None
    return policy.address.flag if near else policy.address.others


def _reason(
    policy: Policy,
    attempt: Attempt,
    code: ReasonCode,
    finding: Finding,
    verdict: Verdict | None = None,
    step: str = "",
) -> Reason | None:
    if verdict is None:
        if code is ReasonCode.NUMBER_CLASS:
            verdict = policy.number_class[finding.number_class]
            if verdict == "allow":
                return None
        else:
            verdict = policy.reasons[code]
    if code is ReasonCode.UNUSABLE_NUMBER and attempt.channel == "message":
        verdict = "flag"
    return Reason(
        code=code,
        decision=verdict,
        restriction=finding.listing.restriction.id if finding.listing else None,
        score=finding.score,
        matcher=finding.matcher,
        given=finding.given,
        listed=finding.listed,
        steps=(*finding.steps, step) if step else finding.steps,
    )


def _perhaps_together(attempt: Attempt, restriction: Restriction) -> bool:
    """Whether a sender whom the restriction does not name is where it holds, may be anywhere, or anybody."""
    here = attempt.establishment
    somewhere = here is not None and here not in NOT_A_PRISON
    return attempt.prisoner is None or not somewhere or here in restriction.establishments


def _conflict(policy: Policy, reason: Reason) -> Reason:
    code = ReasonCode.CONFIDENTIAL_CONFLICT
    return msgspec.structs.replace(
        reason,
        code=code,
        decision=policy.reasons[code],
        steps=(*reason.steps, "also on the confidential register"),
    )


def _confidential(attempt: Attempt, listed: str) -> Reason:
    return Reason(
        code=ReasonCode.CONFIDENTIAL, decision="allow", matcher="register", given=attempt.to, listed=listed
    )


def _without_list(policy: Policy) -> Reason:
    code = ReasonCode.STALE_BLOCKLIST
    step = "the blocklist is missing, incomplete or too old to allow anything on"
    return Reason(code=code, decision=policy.reasons[code], matcher="blocklist", steps=(step,))


def _not_held(attempt: Attempt, *, is_confidential: bool) -> Reason:
    step = "the prisoner is not known in the prison whose restrictions this list holds"
    verdict: Verdict = "block" if attempt.channel == "call" and not is_confidential else "flag"
    return Reason(code=ReasonCode.NOT_HELD_HERE, decision=verdict, matcher="blocklist", steps=(step,))


def on_too_old_a_list(policy: Policy, channel: Channel, decision: Decision) -> Decision:
    """A decision on a list that is so old that its channel is closed: not even flagged any more.

    What is confidential stays as it was: a call to a solicitor connects.
    """
    if decision.decision == "block" or decision.confidential:
        return decision
    code = ReasonCode.STALE_BLOCKLIST
    step = "the blocklist is too old to let anything through on"
    reasons = [reason for reason in decision.reasons if reason.code is not code]
    return conclude(
        decision.id,
        channel,
        [*reasons, Reason(code=code, decision="block", matcher="blocklist", steps=(step,))],
        policy.action[channel],
        confidential=False,
        blocklist=decision.blocklist,
    )


def _check_actions(
    action: Mapping[Channel, Mapping[Verdict, str]] | Mapping[str, Mapping[str, str]],
) -> None:
    _same_keys("action", action, ACTIONS)
    for channel, allowed in ACTIONS.items():
        _same_keys(f"action.{channel}", action[channel], allowed)
        for verdict, words in allowed.items():
            _one_of(f"action.{channel}.{verdict}", action[channel][verdict], words)


def _one_of(key: str, word: str, words: Sequence[str]) -> None:
    if word not in words:
        raise PolicyError(f"{key}: {word} is not {' or '.join(words)}")


def _same_keys(where: str, given: Iterable[str], wanted: Iterable[str]) -> None:
    wanted = set(wanted)
    if missing := sorted(wanted - set(given)):
        raise PolicyError(f"{where}: {missing[0]} is missing")
    if unknown := sorted(set(given) - wanted):
        raise PolicyError(f"{where}: {unknown[0]} is unknown")
