"""Whoever asks for the list in force has the one that the service would have: no command makes its own."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from shutil import copytree

import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete

import service
from adapters.pin_phone.lists import ListedNumber, PhoneSystem
from engine import saved
from engine.blocklist import Blocklist
from engine.model import Attempt
from engine.policy import read_policy
from engine.screener import Screener
from service.access.model import Principal, Role
from service.cli.main import app
from service.cli.screening import load_blocklist
from service.ledger import search
from service.registry.found import Drafted
from service.registry.model import Document, Request
from service.registry.policies import Mode
from service.registry.tables import restriction_version
from service.settings import Settings
from service.storage.database import Database
from service.system import System, make_system, open_vault
from tests.service.cases.asking import approved
from tests.service.registry.listings import ASKER, HIS, SECOND, confirmed, restriction

ADMIN = Principal("user:admin", frozenset({Role.ADMIN}), person=True)
PACKAGED = files("engine").joinpath("policy.toml").read_text()
LAX = PACKAGED.replace('NEAR_NUMBER = "flag"', 'NEAR_NUMBER = "allow"')


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of which the service has once held forty restrictions, and that nobody changes."""
    folder = tmp_path_factory.mktemp("held") / "data"
    assert nocontact("init", folder).exit_code == 0
    with standing(folder) as system:
        for number in range(40):
            system.registry.restrictions.create(ASKER, restriction(f"R{number:02}", f"07700 9001{number:02}"))
        system.registry.restrictions.create(ASKER, restriction("near", "07700 900200"))
        assert in_force(system).complete
    return folder


@pytest.fixture
def data(tmp_path: Path, held: Path) -> Path:
    """Such a folder of the test's own."""
    return copytree(held, tmp_path / "data")


@contextmanager
def standing(data: Path, policy: Path | None = None) -> Iterator[System]:
    """The parts of the service, of which the ledger alone runs."""
    settings = Settings(data=data, policy=policy)
    database = Database(settings.url)
    system = make_system(settings, database, open_vault(settings, database))
    with system.ledger:
        yield system
    database.close()


def in_force(system: System) -> Blocklist:
    """The list that the service holds once it has started."""
    system.current.refresh()
    assert system.current.screener is not None
    return system.current.screener.blocklist


def nocontact(name: str, data: Path, *arguments: str | Path, **settings: str) -> Result:
    """One command, with its settings as environment variables."""
    environment = {f"NOCONTACT_{key.upper()}": value for key, value in settings.items()}
    return CliRunner().invoke(app, [name, "--data", str(data), *map(str, arguments)], env=environment)


def lose(data: Path, count: int) -> None:
    """Restrictions that are gone though nobody withdrew them."""
    database = Database(Settings(data=data).url)
    with database.write() as connection:
        ids = [f"R{number:02}" for number in range(count)]
        connection.execute(delete(restriction_version).where(restriction_version.c.id.in_(ids)))
    database.close()


def put_in_force(data: Path, text: str) -> None:
    """A policy, by two people."""
    with standing(data) as system:
        asked = system.registry.policies.propose(ADMIN, text, Mode.LIVE, "too much was held")
        confirmed(system.registry, SECOND, asked.id)


def phone_system(monkeypatch: pytest.MonkeyPatch, *numbers: str) -> dict[str, str]:
    """One in which his list has these numbers, as the settings name it."""
    entries = tuple(
        ListedNumber(id=f"{n}", number=number, name="A friend") for n, number in enumerate(numbers)
    )
    monkeypatch.setattr(PhoneSystem, "read", lambda self, prisoner: entries)
    return {"phone_system_url": "https://phones.example"}


def test_a_list_that_the_service_would_hold_back_is_saved_as_incomplete(data: Path, tmp_path: Path) -> None:
    lose(data, 10)
    done = nocontact("save-blocklist", data, tmp_path / "saved")
    kept = saved.load((tmp_path / "saved").read_bytes())
    assert not kept.usable
    assert done.exit_code == 1
    assert "10 restrictions are missing" in done.stderr
    with standing(data) as system:
        assert kept.version == in_force(system).version


def test_a_list_whose_loss_a_second_person_confirmed_is_saved_as_complete(data: Path, tmp_path: Path) -> None:
    lose(data, 10)
    with standing(data) as system:
        in_force(system)
        (asked,) = system.registry.approvals.list()
        confirmed(system.registry, SECOND, asked.id)
        version = in_force(system).version
    done = nocontact("save-blocklist", data, tmp_path / "saved")
    kept = saved.load((tmp_path / "saved").read_bytes())
    assert (done.exit_code, kept.complete, kept.version) == (0, True, version)


def test_a_command_that_looks_at_the_list_asks_for_nothing_and_puts_none_in_force(
    data: Path, tmp_path: Path
) -> None:
    lose(data, 10)
    with standing(data) as system:
        before = in_force_records(system)
    nocontact("save-blocklist", data, tmp_path / "saved")
    with standing(data) as system:
        assert in_force_records(system) == before
        assert system.registry.approvals.list() == []


def in_force_records(system: System) -> int:
    with system.database.read() as connection:
        return len(search.search(connection, subject="blocklist", outcome="in_force"))


def test_no_phone_list_is_found_clean_by_a_list_that_lost_restrictions(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = phone_system(monkeypatch, "07700 900105")
    assert "restricted" in nocontact("reconcile", data, HIS, **settings).stdout
    lose(data, 10)
    done = nocontact("reconcile", data, HIS, **settings)
    assert "restricted" in done.stdout, "what was found stays, since nobody could look again"
    assert (done.exit_code, "10 restrictions are missing" in done.stderr) == (1, True)


def test_phone_lists_are_reconciled_under_the_policy_in_force(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = phone_system(monkeypatch, "07700 900201")
    put_in_force(data, LAX)
    assert nocontact("reconcile", data, HIS, **settings).stdout == ""
    policy = tmp_path / "policy.toml"
    policy.write_text(PACKAGED)
    with standing(data, policy=policy) as system:
        in_force(system)
        assert system.current.policy.version == read_policy().version, "the operator's file goes first"
    done = nocontact("reconcile", data, HIS, policy=str(policy), **settings)
    (line,) = map(json.loads, done.stdout.splitlines())
    assert (line["kind"], line["codes"]) == ("doubtful", ["NEAR_NUMBER"])


def test_a_list_that_cannot_be_made_is_told_by_every_command(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, connection: object) -> None:
        raise RuntimeError

    for way in ("standing", "states"):  # compiled of the registry, or the kept list held to it
        monkeypatch.setattr(f"service.registry.versions.Versions.{way}", broken)
    settings = phone_system(monkeypatch)
    policy = tmp_path / "policy.toml"
    policy.write_text(PACKAGED)
    for arguments in (
        ["save-blocklist", tmp_path / "saved"],
        ["reconcile"],
        ["backtest", "--policy", policy],
    ):
        failed = nocontact(str(arguments[0]), data, *arguments[1:], **settings)
        assert failed.exit_code == 2
        assert "the newest list could not be built" in failed.stderr
    assert not (tmp_path / "saved").exists()


def test_nobody_else_makes_the_list_in_force() -> None:
    made = [
        (path.name, ast.unparse(node.func))
        for path in Path(service.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Current", "Registry")
    ]
    assert sorted(made) == [("in_force.py", "Current"), ("in_force.py", "Registry")]


def partly_read(number: str, second: str) -> bytes:
    """A restriction as a file has it: of two contact points only the first can be read."""
    one = restriction("partly", number)
    contacts = (*one.contacts, msgspec.structs.replace(one.contacts[0], value=second))
    return msgspec.json.encode(msgspec.structs.replace(one, contacts=contacts)) + b"\n"


def allows_nothing(blocklist: Blocklist, prisoner: str | None) -> bool:
    """Whether a call to a number that nobody lists is stopped or flagged."""
    attempt = Attempt(id="1", channel="call", to="020 7946 0999", prisoner=prisoner)
    decision = Screener(blocklist, read_policy()).check(attempt, at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    return decision.decision != "allow"


@pytest.mark.parametrize("second", ["07700 9001234", "4.477009E+11", "ask her sister", "496 0456"])
def test_of_a_restriction_that_was_partly_read_file_and_service_allow_him_nothing(
    data: Path, tmp_path: Path, second: str
) -> None:
    file = tmp_path / "restrictions.jsonl"
    file.write_bytes(partly_read("07700 900300", second))
    screened = load_blocklist(file).blocklist
    imported = nocontact("import", data, file)
    with standing(data) as system:
        served = in_force(system)
    assert imported.exit_code == 1
    keys = [*screened.restricted.own_numbers(HIS)]
    assert [served.restricted.has_number(key) for key in keys] == [True]
    for blocklist in (screened, served):
        assert blocklist.usable
        assert [allows_nothing(blocklist, one) for one in (HIS, None, "B7654CD")] == [True, True, False]


def test_what_was_partly_read_is_told_when_it_is_exported_and_read_again(data: Path, tmp_path: Path) -> None:
    file, again = tmp_path / "restrictions.jsonl", tmp_path / "again.jsonl"
    file.write_bytes(partly_read("07700 900300", "07700 9001234"))
    nocontact("import", data, file)
    again.write_bytes(nocontact("export", data).stdout_bytes)
    loaded = load_blocklist(again)
    assert allows_nothing(loaded.blocklist, HIS)
    assert [error.partition("contacts")[2] for error in loaded.errors] == [
        "[1].value: a telephone number has too many digits"
    ]


def test_once_the_rest_of_it_is_read_the_list_is_complete_and_leaving_it_out_waits(
    data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "restrictions.jsonl"
    file.write_bytes(partly_read("07700 900300", "07700 9001234"))
    nocontact("import", data, file)
    file.write_bytes(msgspec.json.encode(restriction("partly", "07700 900300")) + b"\n")
    nocontact("import", data, file)
    with standing(data) as system:
        assert allows_nothing(in_force(system), HIS)
        assert len(system.registry.approvals.list()) == 1
    file.write_bytes(partly_read("07700 900300", "07700 900123"))
    assert nocontact("import", data, file).exit_code == 0
    with standing(data) as system:
        assert not allows_nothing(in_force(system), HIS)


def test_what_was_listed_whole_once_and_is_refused_in_part_today_is_known_as_such(data: Path) -> None:
    with standing(data) as system:
        registry = system.registry
        document = Document(restriction=restriction("old", "07700 900300 / 07700 9001234"), requests=())
        document = msgspec.structs.replace(document, requests=(Request(id="1"),))
        with registry.journal.write() as connection:
            registry.versions.write(connection, "user:asker", [Drafted("old", 0, document, "created")])
        assert allows_nothing(in_force(system), HIS)


def test_a_list_that_replaces_the_registry_leaves_what_a_case_holds_up(data: Path, tmp_path: Path) -> None:
    with standing(data) as system:
        case = approved(system.cases)
    file = tmp_path / "restrictions.jsonl"
    kept = nocontact("export", data).stdout_bytes.splitlines(keepends=True)
    file.write_bytes(
        b"".join(line for line in kept if b'"id":"R00"' not in line and case.id.encode() not in line)
    )
    done = nocontact("import", data, "--replace", file)
    assert done.exit_code == 0
    assert f"{case.id}: it is not in the file and stands" in done.stderr
    with standing(data) as system:
        stands = {id_: system.registry.versions.get(id_).document.stands for id_ in (case.id, "R00", "R01")}
    assert stands == {case.id: True, "R00": False, "R01": True}
