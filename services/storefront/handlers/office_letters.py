"""The events that services could not handle, as admins see to them."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.web.responses import Response
from generated.models.common import DeadLetterContent, DeadLetterPage, DeadLetterStatus
from generated.models.storefront import SureForm
from services.storefront.application.visits import Visit
from services.storefront.clients import unless_away
from services.storefront.handlers.paging import next_page

PAGE_SIZE = 25
PATH = "/admin/dead-letters"


class OfficeLetterHandlers:
    def __init__(self, **clients: Any) -> None:
        """`clients` are those of the services that receive events, by their names."""
        self._clients: Mapping[str, Any] = clients

    async def show_dead_letters(
        self, visit: Visit, status: str, service: str | None = None, cursor: str | None = None
    ) -> Response:
        token = await visit.token()
        if service is None:
            asked = (unless_away(self._list(name, status, None, token)) for name in self._clients)
            pages = dict(zip(self._clients, await asyncio.gather(*asked), strict=True))
        else:
            pages = {service: await self._list(service, status, cursor, token)}
        more = {
            name: next_page(PATH, page.next_cursor, service=name, status=status) for name, page in pages.items() if page
        }
        return visit.page("admin-dead-letters.html", letters_by_service=pages, state=status, more=more)

    async def show_dead_letter(self, visit: Visit, service: str, letter_id: UUID) -> Response:
        content: DeadLetterContent = await self._ask("get", service, letter_id=letter_id, token=await visit.token())
        return visit.page("admin-dead-letter.html", service=service, content=content, letter=content.letter)

    async def send_dead_letter_back(self, visit: Visit, service: str, letter_id: UUID, body: SureForm) -> Response:
        await self._ask("redrive", service, letter_id=letter_id, token=await visit.token())
        return visit.see_other(f"{PATH}/{service}/{letter_id}")

    async def give_dead_letter_up(self, visit: Visit, service: str, letter_id: UUID, body: SureForm) -> Response:
        await self._ask("dismiss", service, letter_id=letter_id, token=await visit.token())
        return visit.see_other(f"{PATH}/{service}/{letter_id}")

    async def _list(self, service: str, status: str, cursor: str | None, token: str) -> DeadLetterPage:
        page: DeadLetterPage = await self._ask(
            "list", service, "s", status=DeadLetterStatus(status), limit=PAGE_SIZE, cursor=cursor, token=token
        )
        return page

    async def _ask(self, verb: str, service: str, plural: str = "", **arguments: Any) -> Any:
        """Call the operation that every receiving service has under a name of its own."""
        return await getattr(self._clients[service], f"{verb}_{service}_dead_letter{plural}")(**arguments)
