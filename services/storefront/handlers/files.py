"""What pages are made of beside HTML."""

from chassis.web.responses import Response
from chassis.web.static_files import StaticFiles


class FileHandlers:
    def __init__(self, static: StaticFiles) -> None:
        self._static = static

    async def get_static_file(self, file: str) -> Response:
        return self._static.get(file)
