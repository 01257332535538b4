"""Files that never change under their address, since it names what is in them."""

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from msgspec.structs import replace

from chassis.web.problems import NotFound
from chassis.web.responses import Response

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".webp": "image/webp"}
HEADERS: Mapping[str, str] = {"Cache-Control": "public, max-age=31536000, immutable"}
OTHER_RELEASE_HEADERS: Mapping[str, str] = {"Cache-Control": "no-store"}
HASHED_NAME = re.compile(r"(.+)\.[0-9a-f]{12}(\.[a-z]+)")


class StaticFiles:
    """The files of a folder, read once: page.css as page.5f2b8c1d0e9a.css."""

    def __init__(self, folder: Path, prefix: str) -> None:
        """`prefix` is the path that their addresses begin with: /static/."""
        self._prefix, self._names, self._responses = prefix, dict[str, str](), dict[str, Response]()
        for file in sorted(path for path in folder.iterdir() if path.is_file()):
            content = file.read_bytes()
            name = f"{file.stem}.{sha256(content).hexdigest()[:12]}{file.suffix}"
            self._names[file.name] = name
            self._responses[name] = Response(content, 200, HEADERS, MEDIA_TYPES[file.suffix])

    def url(self, name: str) -> str:
        """The address of a file.

        Raises: KeyError when there is no such file.
        """
        return self._prefix + self._names[name]

    def get(self, name: str) -> Response:
        """The file, by the last part of its address.

        While two releases answer side by side, a page of the one asks the other for a file that it has in its own form
        only: it gets that, and nobody keeps it under this address.

        Raises: NotFound.
        """
        if (response := self._responses.get(name)) is not None:
            return response
        match = HASHED_NAME.fullmatch(name)
        own = self._names.get(match[1] + match[2]) if match else None
        if own is None:
            raise NotFound
        return replace(self._responses[own], headers=OTHER_RELEASE_HEADERS)
