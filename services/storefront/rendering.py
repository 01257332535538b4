"""Pages from templates: autoescaped, in the visitor's language, without a name that nobody has defined."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

import jinja2
from jinja2.bccache import Bucket
from markupsafe import Markup

from chassis.web.static_files import StaticFiles
from services.storefront import messages
from services.storefront.localization import LOCALES, localization

TEMPLATES = Path(__file__).parent / "templates"


class CompiledTemplates(jinja2.BytecodeCache):
    """Keeps what templates are compiled to, which is the same in every language."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code


COMPILED_TEMPLATES = CompiledTemplates()


class Renderer:
    """The templates, once for each language."""

    def __init__(self, static: StaticFiles, *, shop_name: str, time_zone: str, catalog_language: str = "en") -> None:
        self._environments = {
            language: _environment(
                language, static, shop_name=shop_name, time_zone=time_zone, catalog_language=catalog_language
            )
            for language in LOCALES
        }

    def render(self, template: str, visit: Any, values: Mapping[str, Any]) -> bytes:
        """The page, as UTF-8; every template has the `visit` (application/visits.py)."""
        environment = self._environments[visit.localization.language]
        translate = visit.localization.translations.gettext
        errors = messages.field_errors(visit.refusal, translate, visit.request.form)
        names = {"refusal": None, **values, "visit": visit, "errors": errors}
        text = environment.get_template(template).render(names, shown=errors)
        shown = {field for field in errors if f' id="{field}"' in text}
        if len(shown) < len(errors):  # nothing is a link to a field that the page has not
            text = environment.get_template(template).render(names, shown=shown)
        return text.encode()


def _environment(
    language: str, static: StaticFiles, *, shop_name: str, time_zone: str, catalog_language: str
) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=COMPILED_TEMPLATES,
        extensions=["jinja2.ext.i18n"],
    )
    spoken = localization(language)
    environment.install_gettext_translations(spoken.translations, newstyle=True)  # type: ignore[attr-defined]  # of i18n
    environment.filters |= {
        "money": lambda product: spoken.money(product.price_cents, product.currency),
        "date": partial(spoken.date, time_zone=time_zone),
        "time": partial(spoken.time, time_zone=time_zone),
    }
    environment.globals |= {
        "shop_name": shop_name,
        "language": language,
        # of an element with words of the catalog, for whoever has pages read out (WCAG 3.1.2)
        "catalog_lang": Markup(' lang="{}"').format(catalog_language) if catalog_language != language else "",
        "languages": [(code, locale.language_name) for code, locale in LOCALES.items()],
        "static": static.url,
        "money": spoken.money,
        "countries": spoken.countries,
        "country": spoken.country,
        "messages": messages.MESSAGES,
        "message_for": messages.message_for,
        "message_for_type": messages.message_for_type,
    }
    for template in environment.list_templates():  # so that a mistake stops the start, and the first page is quick
        environment.get_template(template)
    return environment
