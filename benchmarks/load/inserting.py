"""How many checks a second the service records on PostgreSQL, beside what the server takes of bare inserts.

    python -m benchmarks.load.inserting

A server as it comes, with `fsync`. First the service on core 0 and `wrk` on core 1 with 16 connections; then
`pgbench` on core 1 with as many, each inserting one row of the size of a check's and committing it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from benchmarks import debian, estate
from benchmarks.load.serving import (
    AS_FAST_AS_IT_GOES,
    NOCONTACT,
    NotServingError,
    environment,
    key,
    needed,
    prepare,
    run,
    serving,
    settle,
)
from benchmarks.load.throughput import CONNECTIONS, Figures, check_answers, dial, measure
from tests.service import postgres

SCRIPT = """\
INSERT INTO bare (key, row) VALUES (
    decode(md5(random()::text || :client_id), 'hex'), convert_to(repeat('x', {size}), 'UTF8')
);
"""
TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


def beside_pgbench(restrictions: int, seconds: int) -> tuple[Figures, float]:
    """The service, and the inserts a second of `pgbench`.

    Raises NotServingError without `wrk`, a server or `pgbench`, and where an answer is not recorded.
    """
    needed("wrk")
    pgbench = debian.program("pgbench", "postgresql-contrib")
    if pgbench is None:
        raise NotServingError("pgbench is missing: apt-get install postgresql-contrib")
    try:
        with postgres.server(postgres.AS_IT_COMES) as server:
            found = _service(server.url, restrictions, seconds)
            size = _row_size(server.url)
            return found, _inserts(pgbench, server, size, seconds)
    except RuntimeError as error:
        raise NotServingError(str(error)) from None


def _service(url: str, restrictions: int, seconds: int) -> Figures:
    with TemporaryDirectory(prefix="nocontact-load-") as folder:
        data, numbers, log = Path(folder) / "data", Path(folder) / "numbers", Path(folder) / "log"
        dial(restrictions, numbers)
        prepare(data, estate.phone_restrictions(restrictions), url)
        api_key = key(data, "phone_system", url)
        with serving(
            [*NOCONTACT, "serve"], environment(data, url) | AS_FAST_AS_IT_GOES, log, core=0
        ) as service:
            check_answers(service.url, api_key, numbers)
            measure(service, api_key, numbers, 2, "warm")
            settle(service.process.pid)
            before = _recorded(url)
            found = measure(service, api_key, numbers, seconds, "timed")
        if _recorded(url) - before < found.requests - found.refused or found.refused or found.broken:
            raise NotServingError("an answer is not in the ledger, or a check got none")
        run(data, "verify", "--data", str(data), database=url)
    return found


def _recorded(url: str) -> int:
    return _one(url, "SELECT count(*) FROM ledger WHERE kind = 'decision'")


def _row_size(url: str) -> int:
    """Bytes of what a check writes: its record, and its key with its answer."""
    rows = "FROM ledger JOIN answered USING (seq)"
    return _one(url, f"SELECT avg(pg_column_size(ledger.*) + pg_column_size(answered.*))::int {rows}")


def _one(url: str, query: str) -> int:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def _inserts(pgbench: str, server: postgres.Server, size: int, seconds: int) -> float:
    with TemporaryDirectory(prefix="nocontact-pgbench-") as folder:
        script = Path(folder) / "insert.sql"
        script.write_text(SCRIPT.format(size=size))
        with psycopg.connect(server.url.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE bare (key bytea PRIMARY KEY, row bytea NOT NULL)")
        done = subprocess.run(
            [
                *(needed("taskset"), "--cpu-list", "1", pgbench, "--no-vacuum", "--protocol", "prepared"),
                *("--client", str(CONNECTIONS), "--jobs", "1", "--time", str(seconds), "--file", str(script)),
                *("--host", "127.0.0.1", "--port", str(server.port), "--username", "nocontact", "postgres"),
            ],
            capture_output=True,
            text=True,
        )
    told = TPS.search(done.stdout)
    if done.returncode or told is None:
        raise NotServingError(f"pgbench: {(done.stderr or done.stdout).strip()[-300:]}")
    return float(told[1])


def main() -> int:
    """Print both."""
    try:
        ours, theirs = beside_pgbench(10_000, 10)
    except NotServingError as error:
        print(f"inserting: {error}", file=sys.stderr)
        return 2
    print(
        f"recorded calls: {ours.rate:,.0f} a second, p99 {ours.p99:.1f} ms, {ours.cpu:.0f} µs of a processor"
    )
    print(f"pgbench: {theirs:,.0f} inserts a second; beside it {ours.rate / theirs:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
