"""The commands of whoever runs the service: what they make, what they refuse, what the ledger keeps of it."""

from __future__ import annotations

import base64
import getpass
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from service.access.model import Role
from service.cli.main import app
from service.ledger.record import ledger
from service.settings import Settings
from service.storage import sealing
from service.storage.database import Database, HeldError
from service.system import make_system
from tests.service.running import command, service_in

OPERATOR = f"operator:{getpass.getuser()}"
NUMBER, UNREADABLE = "07700 900123", "c0ntactvalue"
RESTRICTION: dict[str, Any] = {
    "id": "R1",
    "prisoner": "A1234BC",
    "protected": {"name": "Rhoswen Tallantyre"},
    "contacts": [{"kind": "phone", "value": NUMBER}],
}
ENTRY: dict[str, Any] = {
    "id": "E1",
    "name": "Example Law LLP",
    "kind": "legal",
    "contacts": [{"kind": "phone", "value": "020 7946 0123"}],
}


@pytest.fixture(autouse=True)
def _nothing_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine that the tests run on."""
    for name in [name for name in os.environ if name.startswith("NOCONTACT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that was made, and that nobody changes."""
    folder = tmp_path_factory.mktemp("made") / "data"
    assert command(folder, "init").returncode == 0
    return folder


@pytest.fixture
def data(tmp_path: Path, made: Path) -> Path:
    """A data folder that was made, of the test's own."""
    return copytree(made, tmp_path / "data")


def nocontact(name: str, data: Path, *arguments: str | Path, stdin: str = "", **settings: str) -> Result:
    """One command, with its settings as environment variables."""
    environment = {f"NOCONTACT_{key.upper()}": value for key, value in settings.items()}
    words = [name, "--data", str(data), *map(str, arguments)]
    return CliRunner().invoke(app, words, input=stdin, env=environment)


def lines_in(path: Path, *rows: Any) -> Path:
    """A file of JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def records(data: Path) -> list[tuple[str, str, str, str]]:
    """The ledger: kind, actor, subject and outcome."""
    opened = Database(Settings(data=data).url)
    with opened.read() as connection:
        wanted = select(ledger.c.kind, ledger.c.actor, ledger.c.subject, ledger.c.outcome)
        rows = [tuple(row) for row in connection.execute(wanted.order_by(ledger.c.seq))]
    opened.close()
    return rows


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder that is not SQLite's own scratch."""
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith(("-shm", "-wal"))
    }


# ── init ────────────────────────────────────────────────────────────────────────────────────────────────


def test_init_prints_the_first_password_alone_and_keeps_the_key_to_itself(tmp_path: Path) -> None:
    made = nocontact("init", tmp_path / "data")
    assert made.exit_code == 0
    assert len(made.stdout.split()) == 1
    assert (tmp_path / "data/master.key").stat().st_mode & 0o777 == 0o600
    everything = b"".join(contents(tmp_path / "data").values())
    assert made.stdout.strip().encode() not in everything
    assert [kind for kind, *_ in records(tmp_path / "data")] == ["system", "change"]


def test_init_leaves_what_is_there(data: Path) -> None:
    before = contents(data)
    again = nocontact("init", data)
    assert (again.exit_code, again.stdout) == (2, "")
    assert "already" in again.stderr
    assert contents(data) == before


@pytest.mark.parametrize("first", ["verify", "export", pytest.param("serve", marks=pytest.mark.slow)])
def test_a_command_that_comes_before_init_does_not_stand_in_its_way(tmp_path: Path, first: str) -> None:
    key = tmp_path / "given.key"
    sealing.write_master_key(key, sealing.new_master_key())
    early = command(tmp_path / "data", first, settings={"NOCONTACT_KEY_FILE": str(key)})
    assert early.returncode == 2
    assert early.stderr.splitlines()[-1] == "nocontact: there is no database yet: `nocontact init` makes it"
    assert nocontact("init", tmp_path / "data", key_file=str(key)).exit_code == 0
    assert not (tmp_path / "data/master.key").exists()


# ── key ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_last_word_of_key_is_a_key_that_holds(data: Path) -> None:
    options = ("--role", "phone_system", "--label", "The switch, east", "--prison", "LEI", "--days", "7")
    printed = nocontact("key", data, *options).stdout
    settings = Settings(data=data)
    database = Database(settings.url)
    vault = sealing.open_vault(database, sealing.read_master_key(settings))
    access = make_system(settings, database, vault).access
    principal = access.authenticate("POST", {"authorization": f"Bearer {printed.split()[-1]}"})
    database.close()
    assert (principal.roles, principal.prisons) == (frozenset({Role.PHONE_SYSTEM}), frozenset({"LEI"}))
    assert principal.id.startswith("key:the-switch--east-")
    kind, actor, subject, outcome = records(data)[-1]
    assert (kind, actor, subject, outcome) == ("change", OPERATOR, principal.id.replace(":", "/"), "created")


@pytest.mark.parametrize(
    "options",
    [
        ("--role", "phone_system", "--prison", "leeds"),
        ("--role", "phone_system", "--prison", ""),
        ("--role", "phone_system", "--days", "0"),
        ("--role", "admin"),
        ("--role", "governor"),
        (),
    ],
)
def test_a_key_that_would_mean_nothing_is_not_made(data: Path, options: tuple[str, ...]) -> None:
    before = records(data)
    refused = nocontact("key", data, "--label", "switch", *options)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert records(data) == before


# ── import, export ──────────────────────────────────────────────────────────────────────────────────────


def test_import_takes_what_it_can_and_tells_each_line_that_it_cannot(data: Path, tmp_path: Path) -> None:
    bad = RESTRICTION | {"id": "R2", "contacts": [{"kind": "phone", "value": UNREADABLE}]}
    file = lines_in(tmp_path / "r.jsonl", RESTRICTION, bad, RESTRICTION | {"id": "R3"})
    done = nocontact("import", data, file)
    assert done.exit_code == 1
    assert "line 2: contacts[0].value" in done.stderr
    assert UNREADABLE not in done.output
    exported = nocontact("export", data)
    assert [json.loads(line)["id"] for line in exported.stdout.splitlines()] == ["R1", "R3"]


def test_import_twice_changes_nothing(data: Path) -> None:
    given = json.dumps(RESTRICTION) + "\n"
    assert "1 added" in nocontact("import", data, "-", stdin=given).stderr
    again = nocontact("import", data, "-", stdin=given)
    assert again.exit_code == 0
    assert "0 added, 0 changed, 1 as they were" in again.stderr


def test_prisoners_are_imported_and_a_bad_line_is_told(data: Path) -> None:
    text = "number,name,born\nA1234BC,Corin Blackmere,3/5/1981\nA1,Plantedname,\n"
    done = nocontact("import-prisoners", data, "-", stdin=text)
    assert done.exit_code == 1
    assert "line 3: number" in done.stderr
    assert "1 added" in done.stderr
    assert "Planted" not in done.output
    assert nocontact("import-prisoners", data, "-", stdin="no head\n").exit_code == 2


@pytest.mark.parametrize(("row", "option"), [(RESTRICTION, ()), (ENTRY, ("--confidential",))])
def test_what_is_exported_is_what_was_imported(
    data: Path, tmp_path: Path, row: dict[str, Any], option: tuple[str, ...]
) -> None:
    assert nocontact("import", data, *option, lines_in(tmp_path / "in.jsonl", row)).exit_code == 0
    exported = nocontact("export", data, *option).stdout
    assert json.loads(exported) == row
    other = tmp_path / "other"
    nocontact("init", other)
    assert nocontact("import", other, *option, "-", stdin=exported).exit_code == 0
    assert nocontact("export", other, *option).stdout == exported


def test_lists_in_and_out_are_in_the_ledger_under_who_ran_the_command(data: Path, tmp_path: Path) -> None:
    nocontact("import", data, lines_in(tmp_path / "r.jsonl", RESTRICTION))
    nocontact("export", data)
    changed, viewed = records(data)[-2:]
    assert changed[:2] == ("change", OPERATOR)
    assert viewed[:2] == ("view", OPERATOR)


def test_an_empty_list_is_not_taken_for_a_whole_one(data: Path, tmp_path: Path) -> None:
    nocontact("import", data, lines_in(tmp_path / "r.jsonl", RESTRICTION))
    assert nocontact("import", data, "--replace", lines_in(tmp_path / "none.jsonl")).exit_code == 1
    assert "R1" in nocontact("export", data).stdout


# ── verify ──────────────────────────────────────────────────────────────────────────────────────────────


def test_verify_says_which_record_was_changed(data: Path) -> None:
    nocontact("key", data, "--role", "mailroom", "--label", "post")
    assert nocontact("verify", data).exit_code == 0
    connection = sqlite3.connect(data / "nocontact.db")
    connection.execute("UPDATE ledger SET actor = 'nobody' WHERE seq = 2")
    connection.commit()
    connection.close()
    found = nocontact("verify", data)
    assert found.exit_code == 1
    assert found.stdout.startswith("record 2: ")


def test_verify_holds_the_ledger_against_a_key_kept_elsewhere(data: Path, tmp_path: Path) -> None:
    assert nocontact("verify", data, "--public-key", data / "ledger.pem").exit_code == 0
    missing = nocontact("verify", data, "--public-key", tmp_path / "none.pem")
    assert (missing.exit_code, missing.stderr) == (
        2,
        f"nocontact: {tmp_path / 'none.pem'}: No such file or directory\n",
    )
    assert nocontact("verify", data, "--public-key", data / "master.key").exit_code == 2


def test_verify_refuses_checkpoints_that_are_not_there(data: Path, tmp_path: Path) -> None:
    assert nocontact("verify", data, "--checkpoints", tmp_path / "none").exit_code == 2


def test_a_proof_is_written_once_recorded_and_checked_by_the_script(data: Path, tmp_path: Path) -> None:
    proof, script = tmp_path / "proof.json", Path(__file__).parents[3] / "scripts" / "check_proof.py"
    assert nocontact("proof", data, "1", proof).exit_code == 0
    checked = subprocess.run(
        [sys.executable, "-I", script, proof, "--key", data / "ledger.pem"], capture_output=True, text=True
    )
    assert (checked.returncode, checked.stdout.count("holds: ")) == (0, 3), checked.stdout
    first = json.loads(proof.read_text())
    assert nocontact("proof", data, "1", proof).exit_code == 2, "never over another file"
    since, later = tmp_path / "since", tmp_path / "later.json"
    since.write_text(first["checkpoint"])
    assert nocontact("proof", data, "2", later, "--since", since).exit_code == 0
    assert json.loads(later.read_text())["since"]["checkpoint"] == first["checkpoint"]
    connection = sqlite3.connect(data / "nocontact.db")
    seen = connection.execute("SELECT kind, subject FROM ledger WHERE outcome = 'proved' ORDER BY seq")
    assert seen.fetchall() == [("view", "ledger/1"), ("view", "ledger/1"), ("view", "ledger/2")]
    connection.close()
    assert nocontact("proof", data, "99", tmp_path / "none.json").exit_code == 2
    assert not (tmp_path / "none.json").exists()


def test_there_is_no_rollback_to_accept_where_none_was(data: Path) -> None:
    said = nocontact("accept-rollback", data, "--why", "none")
    assert (said.exit_code, "nothing to accept" in said.stderr) == (3, True)


# ── backup, restore, rotate ─────────────────────────────────────────────────────────────────────────────


def test_a_backup_comes_back_with_its_key_and_not_without(data: Path, tmp_path: Path) -> None:
    nocontact("import", data, lines_in(tmp_path / "r.jsonl", RESTRICTION))
    archive, target = tmp_path / "monday.tar.gz", tmp_path / "target"
    assert nocontact("backup", data, archive).exit_code == 0
    without = nocontact("restore", target, archive)
    assert (without.exit_code, "master key" in without.stderr) == (2, True)
    target.mkdir(exist_ok=True)
    (target / "master.key").write_bytes((data / "master.key").read_bytes())
    assert nocontact("restore", target, archive).exit_code == 0
    assert nocontact("export", target).stdout == nocontact("export", data).stdout
    assert nocontact("verify", target).exit_code == 0
    over = nocontact("restore", target, archive)
    assert (over.exit_code, "already" in over.stderr) == (2, True)


def test_after_rotation_only_the_new_master_key_opens(data: Path, tmp_path: Path) -> None:
    nocontact("import", data, lines_in(tmp_path / "r.jsonl", RESTRICTION))
    before, new = nocontact("export", data).stdout, tmp_path / "new.key"
    assert nocontact("rotate", data, "--new-key-file", new).exit_code == 0
    assert new.stat().st_mode & 0o777 == 0o600
    assert records(data)[-1] == ("system", OPERATOR, "keys", "rotated")
    assert nocontact("export", data).exit_code == 2
    assert nocontact("export", data, key_file=str(new)).stdout == before
    assert nocontact("verify", data, key_file=str(new)).exit_code == 0


def test_rotation_overwrites_no_key(data: Path) -> None:
    before = contents(data)
    refused = nocontact("rotate", data, "--new-key-file", data / "master.key")
    assert (refused.exit_code, "exists" in refused.stderr) == (2, True)
    assert contents(data)["master.key"] == before["master.key"]
    assert nocontact("verify", data).exit_code == 0


@pytest.mark.slow
def test_keys_are_not_changed_under_a_service_that_runs(tmp_path: Path) -> None:
    new, lines = tmp_path / "new.key", tmp_path / "more.jsonl"
    lines_in(lines, {**RESTRICTION, "id": "R2", "contacts": [{"kind": "phone", "value": "07700 900456"}]})
    with service_in(tmp_path) as service:
        key = (service.data / "master.key").read_bytes()
        refused = command(service.data, "rotate", "--new-key-file", str(new))
        assert (refused.returncode, "stop it first" in refused.stderr, new.exists()) == (2, True, False)
        assert command(service.data, "import", str(lines)).returncode == 0
        with service.key(Role.PHONE_SYSTEM) as asker:
            call = {"id": "C1", "prisoner": "A1234BC", "to": "07700 900456"}
            until, decision = time.monotonic() + 20, ""
            while decision != "block" and time.monotonic() < until:
                call["id"] += "x"
                time.sleep(0.4)  # a prisoner whom nobody knows has sixty checks a minute
                decision = asker.post("/v1/check/call", json=call).json()["decision"]
            assert decision == "block"
        assert (service.data / "master.key").read_bytes() == key
    rotated = command(service.data, "rotate", "--new-key-file", str(new))
    assert rotated.returncode == 0, rotated.stderr
    settings = {"NOCONTACT_KEY_FILE": str(new)}
    assert len(command(service.data, "export", settings=settings).stdout.splitlines()) == 2
    assert command(service.data, "verify", settings=settings).returncode == 0


@pytest.mark.parametrize("alone", [True, False])
def test_a_database_is_held_by_many_servers_or_by_one_command(database: Database, alone: bool) -> None:
    other = Database(database.url.render_as_string(hide_password=False))
    with database.held(alone=alone):
        with pytest.raises(HeldError), other.held(alone=not alone):
            pass
        if not alone:
            with other.held():
                pass
    with other.held(alone=not alone):
        pass
    other.close()


# ── errors ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("verify", {"port": UNREADABLE}, "NOCONTACT_PORT: "),
        ("verify", {"key": UNREADABLE}, "NOCONTACT_KEY: not a master key"),
        ("verify", {"key_file": "none.key"}, "no master key: none.key"),
        ("verify", {"database_url": UNREADABLE}, "the database cannot be used: ArgumentError"),
        (
            "verify",
            {"database_url": f"postgresql+psycopg://user:{UNREADABLE}@127.0.0.1:1/x"},
            "the database cannot be used: OperationalError",
        ),
        ("import", {}, "none.jsonl: No such file or directory"),
        ("serve", {"log_level": "LOUD"}, "NOCONTACT_LOG_LEVEL: "),
    ],
)
def test_what_goes_wrong_is_told_in_one_line_without_values(
    data: Path, name: str, settings: dict[str, str], says: str
) -> None:
    failed = nocontact(name, data, *(["none.jsonl"] if name == "import" else []), **settings)
    assert (failed.exit_code, failed.stdout) == (2, "")
    assert failed.stderr.startswith(f"nocontact: {says}")
    assert failed.stderr.count("\n") == 1
    assert UNREADABLE not in failed.stderr


@pytest.mark.slow
def test_serve_says_that_its_address_is_taken(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        failed = command(data, "serve", settings={"NOCONTACT_PORT": str(port)})
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr == f"nocontact: 127.0.0.1, port {port}: Address already in use\n"
    assert [outcome for *_, outcome in records(data)] == ["marked", "created"]


@pytest.mark.slow
def test_serve_says_that_its_policy_cannot_be_used(data: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("not a policy")
    failed = command(data, "serve", settings={"NOCONTACT_POLICY": str(policy)})
    assert failed.returncode == 2
    assert failed.stderr.splitlines()[-1].startswith("nocontact: policy: ")
    assert "Traceback" not in failed.stderr


def test_the_key_of_the_form_is_printed_and_opens_nothing(made: Path) -> None:
    printed = CliRunner().invoke(app, ["intake-key", "--data", str(made)])
    assert printed.exit_code == 0
    key = base64.b64decode(printed.stdout.strip(), validate=True)
    settings = Settings(data=made, _env_file=None)  # type: ignore[call-arg]
    database = Database(settings.url)
    vault = sealing.open_vault(database, sealing.read_master_key(settings))
    database.close()
    assert key == vault.intake_key.public_key().public_bytes_raw()
    assert key != vault.intake_key.private_bytes_raw()
