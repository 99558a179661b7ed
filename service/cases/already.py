"""What stands for a case's prisoner already: for the same person, or for the case before it could say so.

A restriction that cannot be read stops no other person's protection: it is told as doubt, and nothing is
refused by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from engine.listing import area_codes, guess_kind
from engine.model import Contact, Exemption, Restriction
from service.access.model import Principal
from service.cases import rules
from service.cases.model import Case, CaseDocument
from service.cases.versions import CaseVersions
from service.errors import ConflictError
from service.registry.elsewhere import Points
from service.registry.found import FoundVersions
from service.registry.model import RestrictionVersion

DOUBT = (
    "restriction {} of this prisoner cannot be read: nobody knows whether it is for this person too; "
    "tell whoever runs the service"
)


class Already(CaseVersions):
    """Looks up what stands already."""

    def asked_already(self, by: Principal, case: Case, *, in_force: bool = True) -> list[RestrictionVersion]:
        """Restrictions of the same prisoner for the same person, by name or contact point: those in force in
        the whole estate, for each of the case's contact points, or whichever stand. What cannot be read is
        among the `doubts`."""
        if case.prisoner is None:
            return []
        versions, document, now = self._registry.versions, case.document, self._journal.clock()
        person = document.asked.person
        found: dict[str, RestrictionVersion] = {}
        for name in (person.name, *person.aliases):
            found |= {one.id: one for one in versions.find(name=name, prisons=by.prisons).versions}
        for contact in document.contacts:
            holding = versions.find(contact=contact.value, prisons=by.prisons).versions
            found |= {one.id: one for one in holding}
        return [
            one
            for _, one in sorted(found.items())
            if one.document.stands
            and case.prisoner in versions.today(one.document.restriction).prisoners
            and not (in_force and rules.why_not_everywhere(one.document.restriction, now))
            and not (in_force and any(self._let_through(one.document.restriction, document)))
        ]

    def doubts(self, case: Case) -> tuple[str, ...]:
        """What an officer should know of restrictions of the case's prisoner that nobody can read."""
        return tuple(DOUBT.format(id_) for id_ in self._of_prisoner(case).unread)

    def _require_unbegun(self, case: Case) -> None:
        """Raises ConflictError where its restriction was made, and the case not written after it."""
        if self._begun(case) is not None:
            raise ConflictError(
                "its restriction is in force already: approve it once more to go on", "version"
            )

    def _require_no_doubt(self, case: Case) -> None:
        """Raises ConflictError where nobody knows whether its restriction was made."""
        for doubt in self.doubts(case):
            raise ConflictError(doubt, "version")

    def _begun(self, case: Case) -> RestrictionVersion | None:
        """The restriction that stands by this undecided case's request: it was made, or joined, before the
        case could say so. Of one that cannot be read it is not known; where it is the case's own, raises
        ConflictError."""
        found = self._of_prisoner(case)
        if case.id in found.unread:
            raise ConflictError(
                "its restriction was made, and cannot be read: tell whoever runs the service", "version"
            )
        standing = (one for one in found.versions if one.document.stands)
        return next((one for one in standing if rules.is_behind(case.id, one.document)), None)

    def _of_prisoner(self, case: Case) -> FoundVersions:
        """The restrictions that name its prisoner, by any of his numbers, or make an exception for him."""
        if case.prisoner is None:
            return FoundVersions([], [])
        versions = self._registry.versions
        with self._journal.database.read() as connection:
            named = versions.naming(connection, self._registry.prisoners.group(case.prisoner))
            return versions.opened(connection, named)

    def _let_through(self, restriction: Restriction, document: CaseDocument) -> Iterator[Exemption]:
        """Exceptions of a restriction by which a case's prisoner may use a contact point of the case."""
        today = self._registry.versions.today(restriction)
        codes = area_codes(today)
        for exemption in today.exceptions:
            if exemption.prisoner == document.prisoner:
                held = Points(self._journal.vault)
                held.add((guess_kind(exemption.contact),), codes)
                if any(held.holds(point.contact, codes) for point in rules.read_points(document.contacts)):
                    yield exemption

    def left_out(self, document: CaseDocument) -> list[Contact]:
        """Contact points that a request names and that are not listed for it, in whatever writing; those that
        cannot be read, unless they were typed so once more."""
        codes = area_codes(rules.restriction_of("", document))
        listed, as_read = (
            self._points(document.contacts, codes),
            rules.points_of(map(_in_a_line, document.contacts)),
        )
        found = []
        for contact in rules.contacts_asked(document.asked.person):
            points = list(rules.read_points((_in_a_line(contact),)))
            is_listed = all(
                (one.contact.kind, one.read_as) in as_read or listed.holds(one.contact, codes)
                for one in points
            )
            if not is_listed or not (points or contact in document.contacts):
                found.append(contact)
        return found

    def _points(self, contacts: Iterable[Contact], codes: tuple[str, ...]) -> Points:
        points = Points(self._journal.vault)
        points.add((point.contact for point in rules.read_points(contacts)), codes)
        return points


def _in_a_line(contact: Contact) -> Contact:
    return replace(contact, value=contact.value.replace("\n", ", "))
