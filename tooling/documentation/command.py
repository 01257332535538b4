"""The command line of scripts/build_docs.py."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.gateway.pages import ROOT, published_files


def main(words: Sequence[str]) -> int:
    """Write all pages, with what they are made of, into a folder that can be read without a shop."""
    parser = argparse.ArgumentParser(prog="build_docs.py", description=main.__doc__)
    parser.add_argument("--to", type=Path, metavar="FOLDER", required=True, help="where to put them")
    folder = parser.parse_args(words).to
    sources = {address: source for address, (source, *_) in published_files(ROOT).items()}
    for source in sources.values():
        if not source.is_file():
            print(f"{source} is not there; scripts/generate.py makes it.", file=sys.stderr)
            return 1
    try:
        for address, source in sources.items():
            target = folder / address
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        for page in folder.glob("openapi/*.html"):
            _hold(page)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _hold(page: Path) -> None:
    """Write the document into its page: of files, a browser reads none beside the one that it shows."""
    document = page.with_suffix(".json").read_text("utf-8").replace("<", "\\u003c")
    held = f'<script type="application/json" id="held">{document}</script>\n</html>'
    page.write_text(page.read_text("utf-8").replace("</html>", held), "utf-8")
