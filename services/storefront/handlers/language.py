"""The language of the pages."""

from chassis.web.responses import Response
from generated.models.storefront import LanguageForm
from services.storefront.application.visits import Visit


class LanguageHandlers:
    async def choose_language(self, visit: Visit, body: LanguageForm) -> Response:
        return visit.see_in(body.language.value, body.then or "/")
