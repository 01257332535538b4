"""Judges mutants one after the other, in the copy of the project that is its working folder.

Reads their numbers, a line each; answers each with a line of JSON.
"""

import json
import sys
import time
from pathlib import Path

from scripts.mutation.judges import Bench
from scripts.mutation.mutants import mutants


def main(wanted: list[str]) -> None:
    root = Path.cwd()
    bench, all_of_them = Bench(root), list(mutants(root))
    judges = [(name, judge) for name, judge in bench.judges.items() if name in wanted]
    answers = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        mutant, began = all_of_them[int(line)], time.monotonic()
        path = root / mutant.file
        whole = path.read_text("utf-8")
        path.write_text(mutant.text(whole), "utf-8")
        try:
            noticed = next(((name, said) for name, judge in judges if (said := judge(mutant.file))), ("", ""))
        finally:
            path.write_text(whole, "utf-8")
        verdict = {"mutant": int(line), "by": noticed[0], "said": noticed[1], "seconds": time.monotonic() - began}
        print(json.dumps(verdict), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1].split(","))
