"""A page for each contract, made by Redocly, kept in the cache under the hash of all it is made from."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "scripts" / "contracts" / "package-lock.json"
SHARED = {"contracts": "common.yaml", "asyncapi": "shop.yaml"}


class NotMade(Exception):
    """A page could not be made; the text says why."""


@dataclass(frozen=True)
class Page:
    """The page of one contract."""

    source: Path
    file: Path

    @property
    def address(self) -> str:
        """Where it is below /docs/."""
        return f"{self.source.parent.name}/{self.source.stem}.html"

    @property
    def is_made(self) -> bool:
        return self.file.exists()

    def make(self) -> None:
        """Make it anew, whole or not at all; what was made from older contracts goes.

        Raises:
            NotMade: Redocly is not to be had, or cannot draw the contract.
        """
        # Node comes with what tests need: the shop runs, and serves its index, without
        from scripts.contracts.redocly import redocly  # noqa: PLC0415
        from scripts.npm import NotInstalled  # noqa: PLC0415

        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_name(f".{self.file.stem}-{os.getpid()}.html")
        try:
            ended = redocly("build-docs", self.source, "--inlineBundle", "--output", fresh)
        except NotInstalled as trouble:
            raise NotMade(str(trouble)) from trouble
        if ended.returncode or not fresh.exists():
            raise NotMade(f"{self.source.name}: {(ended.stdout + ended.stderr).strip()[-1000:]}")
        for old in self.file.parent.glob(f"{self.file.name.rpartition('-')[0]}-*.html"):
            old.unlink(missing_ok=True)
        fresh.replace(self.file)


def pages(root: Path = ROOT) -> Iterator[Page]:
    """The page of each contract, made or not."""
    cache = Path(os.environ.get("SHOP_CACHE") or ROOT / ".cache").absolute() / "docs"
    for folder, shared in SHARED.items():
        for source in sorted((root / folder).glob("*.yaml")):
            if source.name != "common.yaml":  # which has no operations
                made_from = [source, source.with_name(shared), root / "redocly.yaml", LOCK]
                digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in made_from)).hexdigest()
                yield Page(source, cache / f"{folder}-{source.stem}-{digest[:12]}.html")
