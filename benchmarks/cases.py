"""The public cases through `nocontact screen` and their own scorer: `python -m benchmarks.cases [FOLDER]`.

FOLDER holds `cases/` and `score.py`; without it, `shared/data` beside the checkout. The messages are run a
second time against 10,000 more restrictions of all kinds, on the very prisoners who send them.
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from benchmarks import estate

CHECKOUT = Path(__file__).parent.parent
SHARED = CHECKOUT.parent / "shared" / "data"
MORE_RESTRICTIONS = 10_000


def main() -> int:
    """Run and score every case; 1 when there is none."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    cases = sorted((folder / "cases").glob("*/restrictions.jsonl"))
    if not cases:
        print(f"no cases in {folder.name}: nothing measured", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        for restrictions in cases:
            case = restrictions.parent
            print(f"\n━━ {case.name}", flush=True)
            run(folder, case, restrictions, Path(scratch))
            if case.name == "messages":
                print(
                    f"\n━━ {case.name}, with {MORE_RESTRICTIONS:,} more restrictions of all kinds", flush=True
                )
                run(folder, case, with_more(case, Path(scratch)), Path(scratch))
    return 0


def run(folder: Path, case: Path, restrictions: Path, scratch: Path) -> None:
    """Screen one case as a user would, and print what its scorer says."""
    decisions = scratch / "decisions.jsonl"
    screen = [sys.executable, "-c", "from service.cli.main import main; main()", "screen", "-r"]
    with decisions.open("wb") as out:
        subprocess.run([*screen, str(restrictions), str(case / "attempts.jsonl")], stdout=out, check=True)
    subprocess.run([sys.executable, str(folder / "score.py"), str(case), str(decisions)], check=True)


def with_more(case: Path, scratch: Path) -> Path:
    """The case's restrictions and many more, on its own prisoners, so that their names are looked for too."""
    with (case / "attempts.jsonl").open(encoding="utf-8") as attempts:
        prisoners = sorted({json.loads(line)["prisoner"] for line in attempts})
    rng = random.Random(5)
    path = scratch / "restrictions.jsonl"
    with path.open("wb") as out:
        out.write((case / "restrictions.jsonl").read_bytes())
        for number, restriction in enumerate(estate.full_restrictions(MORE_RESTRICTIONS)):
            on_one_of_them = msgspec.structs.replace(
                restriction, id=f"more-{number}", prisoner=rng.choice(prisoners)
            )
            out.write(msgspec.json.encode(on_one_of_them) + b"\n")
    return path


if __name__ == "__main__":
    sys.exit(main())
