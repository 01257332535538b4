"""Languages: sentences from the catalogues of locale/, amounts and dates as CLDR has them."""

import gettext
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

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


def localization_for(accept_language: str) -> Localization:
    """The language that somebody reads best, of those there are."""
    accepted = parse_accept_header(accept_language, LanguageAccept).values()  # the best first
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
