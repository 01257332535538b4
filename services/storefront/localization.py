"""Languages: sentences from the catalogues of locale/, amounts and dates as CLDR has them."""

import gettext
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from unicodedata import combining, normalize

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_time, get_timezone
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from generated.currencies import DECIMALS

CATALOGS = Path(__file__).parent / "locale"
# What pages are written in, and how amounts and dates are written there; what is in no catalogue is English.
LOCALES: Mapping[str, Locale] = {"en": Locale("en", "IE"), "de": Locale("de", "DE")}
# What CLDR has two letters for, and ISO 3166-1 does not.
NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
MAX_LANGUAGES = 20  # that somebody may name; the others are not read
UNKNOWN_DECIMALS = 2  # as services/money.py


@dataclass(frozen=True)
class Localization:
    """One language of the shop."""

    language: str
    locale: Locale
    translations: gettext.NullTranslations

    def money(self, cents: int, currency: str) -> str:
        """An amount in the smallest unit of its currency, with the decimals of ISO 4217: €129.99."""
        decimals = DECIMALS.get(currency, UNKNOWN_DECIMALS)
        pattern = copy(self.locale.currency_formats["standard"])
        pattern.frac_prec = (decimals, decimals)  # CLDR has the decimals of cash
        amount = Decimal(cents).scaleb(-decimals)
        return str(pattern.apply(amount, self.locale, currency=currency, currency_digits=False))

    def date(self, moment: date, time_zone: str = "UTC") -> str:
        """A day: 5 January 2026."""
        if isinstance(moment, datetime):
            moment = moment.astimezone(get_timezone(time_zone))
        return str(format_date(moment, "long", locale=self.locale))

    def time(self, moment: datetime, time_zone: str = "UTC") -> str:
        """A day and the time: 5 Jan 2026, 12:00."""
        local = moment.astimezone(get_timezone(time_zone))
        return f"{format_date(local, 'medium', locale=self.locale)}, {format_time(local, 'HH:mm', locale=self.locale)}"

    @cached_property
    def countries(self) -> list[tuple[str, str]]:
        """The codes of all countries with their names, in the order of these."""
        names: Mapping[str, str] = self.locale.territories
        codes = [code for code in names if len(code) == 2 and code not in NO_COUNTRIES]
        return sorted(((code, names[code]) for code in codes), key=lambda pair: _sort_key(pair[1]))

    def country(self, code: str) -> str:
        """The name of a country; the code of one that is unknown."""
        return str(self.locale.territories.get(code, code))


def _sort_key(name: str) -> str:
    """Åland stands by Albania."""
    return "".join(sign for sign in normalize("NFKD", name.casefold()) if not combining(sign))


def localization_for(accept_language: str) -> Localization:
    """The language that somebody reads best, of those there are."""
    ranges = ",".join(accept_language.split(",")[:MAX_LANGUAGES])
    accepted = [name for name, quality in parse_accept_header(ranges, LanguageAccept) if quality > 0]  # the best first
    return localization(negotiate_locale(accepted, LOCALES, sep="-") or "en")


@cache
def localization(language: str) -> Localization:
    return Localization(language, LOCALES[language], _translations(language))


def _translations(language: str) -> gettext.NullTranslations:
    """All catalogues of a language, so that each area of the shop may have one of its own."""
    translations = gettext.NullTranslations()
    for file in sorted(CATALOGS.glob(f"{language}/*.po")):
        compiled = BytesIO()
        with file.open("rb") as catalog:
            write_mo(compiled, read_po(catalog, locale=language))
        compiled.seek(0)
        area = gettext.GNUTranslations(compiled)
        area.add_fallback(translations)
        translations = area
    return translations
