"""The command line of scripts/build_docs.py."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.documentation.index import index
from scripts.documentation.pages import NotMade, Page, pages


def main(words: Sequence[str]) -> int:
    """Make the page of every contract that is not made yet, and with --to a folder with all of them and the index."""
    parser = argparse.ArgumentParser(prog="build_docs.py", description=main.__doc__)
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="where to put a copy that can be read without a shop")
    chosen = parser.parse_args(words)
    everything = list(pages())
    with ThreadPoolExecutor(2) as pool:
        troubles = [trouble for trouble in pool.map(made, everything) if trouble]
    print("\n".join(troubles), end="\n" if troubles else "", file=sys.stderr)
    if chosen.to and not troubles:
        for page in everything:
            target = chosen.to / page.address
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(page.file, target)
        (chosen.to / "index.html").write_text(index(), "utf-8")
    return 1 if troubles else 0


def made(page: Page) -> str:
    """Make a page that is not made yet; why it could not be."""
    try:
        if not page.is_made:
            page.make()
            print(f"made: {page.address}", flush=True)
    except NotMade as trouble:
        return str(trouble)
    return ""
