"""What a call costs as the list grows, beside a library's reading of the same number.

    python -m benchmarks.call_curve --numbers 10000 1000000

Calls to lists of each size take turns with the peer, so that a busy machine does the same to all. With each
size: what its list takes to build, to load and to change by one restriction, and its bytes for each number.
"""

import argparse
import time
from collections.abc import Callable

import msgspec

from benchmarks import estate
from benchmarks.report.engine import NOW, READER, parse
from engine import saved
from engine.blocklist import change_blocklist, compile_blocklist
from engine.model import Attempt
from engine.policy import read_policy
from engine.screener import Screener

CALLS, TURN = 20_000, 1_000


def main() -> None:
    """Print a line for each size and form, and one for the peer."""
    asked = argparse.ArgumentParser(description="what a call costs as the list grows")
    asked.add_argument("--numbers", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    asks: dict[str, Callable[[Attempt], object]] = {READER: parse}
    for size in asked.parse_args().numbers:
        asks[f"{size:,}"] = _checks(size)
    took: dict[tuple[str, str], list[int]] = {}
    calls = estate.calls(CALLS)
    for turn in range(0, CALLS, TURN):
        for name, ask in asks.items():
            for call in calls[turn : turn + TURN]:
                form = "behind 141" if call.to.startswith("141") else "plain"
                began = time.perf_counter_ns()
                ask(call)
                took.setdefault((form, name), []).append(time.perf_counter_ns() - began)
    for (form, name), each in sorted(took.items()):
        each.sort()
        median, p99 = each[len(each) // 2], each[int(len(each) * 0.99)]
        peer = sorted(took[form, READER])[len(each) // 2]
        tail, beside = f"p99 {p99 / median:.1f} of it", f"{median / peer:.2f} of its peer"
        print(f"{form:12}{name:>14}{median / 1000:9.2f} µs, {tail}, {beside}")


def _checks(size: int) -> Callable[[Attempt], object]:
    began = time.perf_counter()
    built = compile_blocklist(estate.phone_restrictions(size))
    after = time.perf_counter()
    kept = saved.save(built)
    before = time.perf_counter()
    blocklist = saved.load(kept)
    loaded = time.perf_counter()
    changes = []
    for number, one in enumerate(estate.phone_restrictions(6, seed=9)):
        start = time.perf_counter()
        blocklist = change_blocklist(blocklist, [msgspec.structs.replace(one, id=f"N{number}")])
        changes.append(time.perf_counter() - start)
    first, *others = changes
    print(f"{size:,} numbers, {len(kept) / size:.0f} bytes each: built in {after - began:.1f} s,", end=" ")
    print(f"loaded in {(loaded - before) * 1e3:.0f} ms, changed in {first * 1e3:.0f} ms", end=" ")
    print(f"and then in {max(others) * 1e3:.1f} ms at most")
    screener = Screener(blocklist, read_policy())
    return lambda call: screener.check(call, NOW)


if __name__ == "__main__":
    main()
