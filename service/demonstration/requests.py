"""Thirteen cases of `make run`, in every state: invented people who ask, and what two officers did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO

from msgspec.structs import replace

from engine.model import Contact
from service.access.model import Principal, Role
from service.cases.model import Case, Consideration
from service.public.asked import Asker, Protected, PublicRequest, Sought
from service.registry.directory_import import import_prisoners
from service.system import System

FIRST = Principal("user:officer", frozenset({Role.CASE_OFFICER}), person=True)
SECOND = Principal("user:officer2", frozenset({Role.CASE_OFFICER}), person=True)
HIS = "X1234BC"
DIRECTORY = """number,name,aliases,born,prison
X1234BC,"BLACKMERE, Corin Hale",Cory Blackmere,1984-11-09,LEI
X2345CD,"BLACKMERE, Cornelius",,1984-09-11,MRI
X3456DE,"BLAKEMORE, Corin",,1991-02-17,OUT
X4567EF,"HARRIS, David John",Davy Marsh,1981-05-03,LEI
X5678FG,"HARRIS, David",,1981-03-05,MRI
X6789GH,"HARRIES, Dafydd",,1962-08-30,CFI
X7890HJ,"VENN, Osric",,1975-12-01,LPI
"""
"""Invented prisoners."""
RECEIVED = """number,name,aliases,born,prison
X8901JK,"SWIFT, Corin",,1979-06-21,DMI
"""
"""Who came in after somebody like that was not found."""

_DIRECT = Consideration(pathway=2)
_VICTIM = Consideration(pathway=1, offence="harassment", source="the court's record")
_CONSENT = Consideration(pathway=3, consent="by telephone, to the officer in the case")
_CONCERN = Consideration(
    pathway=4,
    grounds="he was heard naming her on the wing",
    alternatives="monitoring of his calls alone",
    necessity="he wrote to her twice under another name",
    proportionality="one number and one house; his family is not touched",
    review="2027-06-01",
)
_POLICE = Asker(who="police", name="PC Osric Venn", organisation="Northmarch Police", reference="NM/2217")
_MOTHER = Asker(who="family", name="Hesper Thistlewood", phone="01632 960410", safely="mornings alone")

Act = Callable[[System, Case], Case]


def fill(system: System) -> None:
    """Make the cases, each by what its officers did one after the other."""
    now = system.clock()
    _receive(system, DIRECTORY)
    for number, (asked, acts) in enumerate(_cases(now), 1):
        case = system.cases.key_in(FIRST, replace(asked, reference=f"UPC-DEMO-{number:04}"), "telephone", "")
        for act in acts:
            case = act(system, case)
    _receive(system, RECEIVED)
    system.current.refresh()


def _receive(system: System, prisoners: str) -> None:
    import_prisoners(system.registry, "operator:demonstration", BytesIO(prisoners.encode()))


def _cases(now: datetime) -> list[tuple[PublicRequest, tuple[Act, ...]]]:
    def asks(number: int, asker: Asker | None = None, **changed: object) -> PublicRequest:
        name, phone = f"{_NAMES[number]} Thistlewood", f"07700 9008{number:02}"
        request = PublicRequest(
            reference="",
            at=now.isoformat(),
            kind="stop",
            asker=asker or Asker(who="self", name=name, phone=phone, safely="by text first"),
            sought=Sought(name="Corin Blackmere", number=HIS),
            person=Protected(
                name=name, numbers=(phone,), addresses=(f"{number + 3} Larkmead Rise, Northmarch",)
            ),
            how=("call", "letter"),
        )
        return replace(request, **changed)

    ready = (_his, _listed)
    return [
        (asks(0, urgency="today", happened="He rang from inside last night."), ()),
        (
            asks(1, sought=Sought(name="Corin Swift, he had a tattoo of it", prison="somewhere north")),
            (_nobody,),
        ),
        (asks(2, _POLICE), ready),
        (asks(12, sought=Sought(name="Dave Harris", born="1981-05-03", prison="Leeds I think")), ()),
        (asks(3, danger="yes"), (*ready, _approve(_DIRECT))),
        (asks(4), (*ready, _approve(_VICTIM), _served)),
        (asks(5, _POLICE), (*ready, _approve(_CONCERN), _held, _held_too)),
        (asks(6, _MOTHER), (*ready, _approve(_CONSENT), _served)),
        (asks(7), (*ready, _approve(_DIRECT), _served, _withdrawn)),
        (asks(8), (*ready, _approve(_DIRECT), _withdrawn, _pressed)),
        (asks(9, _MOTHER), (*ready, _refused)),
        (
            asks(10, kind="continuing", how=("fellow_prisoner",), happened="A man I do not know rang."),
            (_his,),
        ),
        (asks(11, kind="continuing", how=("illegal_mobile",)), (_his, _closed)),
    ]


_NAMES = "Maren Isolde Briony Tamsin Elspeth Rowena Petra Linnet Verity Sabine Odile Greta Wilma".split()


def _his(system: System, case: Case) -> Case:
    return system.cases.confirm_prisoner(FIRST, case.id, case.version, HIS, "number, name and prison agree")


def _listed(system: System, case: Case) -> Case:
    person = case.document.asked.person
    contacts = (
        *(Contact(kind="phone", value=one) for one in person.numbers),
        *(Contact(kind="address", value=one) for one in person.addresses),
    )
    return system.cases.list_contacts(FIRST, case.id, case.version, contacts)


def _approve(consideration: Consideration) -> Act:
    return lambda system, case: system.cases.approve(FIRST, case.id, case.version, consideration).case


def _nobody(system: System, case: Case) -> Case:
    return system.cases.not_found(FIRST, case.id, case.version, "nobody of that name in the north")


def _served(system: System, case: Case) -> Case:
    return system.cases.serve(SECOND, case.id, case.version, "by hand, by the wing's officer")


def _held(system: System, case: Case) -> Case:
    return system.cases.hold_notice(FIRST, case.id, case.version, "he would know who told")


def _held_too(system: System, case: Case) -> Case:
    return system.cases.hold_notice(SECOND, case.id, case.version, "")


def _withdrawn(system: System, case: Case) -> Case:
    return system.cases.ask_withdrawal(FIRST, case.id, case.version, "she herself, by telephone")


def _pressed(system: System, case: Case) -> Case:
    said = "on her own number; a man was heard beside her"
    return system.cases.call_back(SECOND, case.id, case.version, said, "unsure")


def _refused(system: System, case: Case) -> Case:
    return system.cases.refuse(FIRST, case.id, case.version, "she does not agree, and no grounds are known")


def _closed(system: System, case: Case) -> Case:
    return system.cases.close(
        FIRST,
        case.id,
        case.version,
        outcome="a telephone was found in a cell",
        route="illegal_mobile",
        referred="to Northmarch Police, the same day",
    )
