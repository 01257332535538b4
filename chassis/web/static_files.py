"""Files that never change under their address, since it names what is in them."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from chassis.web.problems import NotFound
from chassis.web.responses import Response

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".webp": "image/webp"}
HEADERS: Mapping[str, str] = {"Cache-Control": "public, max-age=31536000, immutable"}


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

        Raises: NotFound.
        """
        if name not in self._responses:
            raise NotFound
        return self._responses[name]
