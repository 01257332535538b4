"""Languages: every sentence in each of them, amounts and dates as they are written there."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from generated.currencies import DECIMALS
from services import storefront
from services.storefront.localization import CATALOGS, LOCALES, localization, localization_for

PACKAGE = Path(storefront.__file__).parent
METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("*.py", "python")]
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}


def extracted_messages():
    return {
        message[0] if isinstance(message, tuple) else message
        for _, _, message, _, _ in extract_from_dir(PACKAGE, METHODS, OPTIONS)
    }


def catalog_messages(language):
    """The messages that have a translation."""
    messages = set()
    for file in (CATALOGS / language).glob("*.po"):
        with file.open("rb") as opened:
            translated = [one.id for one in read_po(opened, language) if one.id and one.string and not one.fuzzy]
            messages |= {one[0] if isinstance(one, tuple) else one for one in translated}
    return messages


@pytest.mark.parametrize("language", sorted(LOCALES.keys() - {"en"}))
def test_every_sentence_of_pages_is_translated(language):
    assert extracted_messages() - catalog_messages(language) == set()


@pytest.mark.parametrize("language", sorted(LOCALES.keys() - {"en"}))
def test_no_sentence_is_translated_that_no_page_has(language):
    assert catalog_messages(language) - extracted_messages() == set()


@pytest.mark.parametrize("language", sorted(LOCALES.keys() - {"en"}))
def test_a_translation_has_the_names_of_its_sentence(language):
    for file in (CATALOGS / language).glob("*.po"):
        with file.open("rb") as opened:
            assert [error for message in read_po(opened, language) for error in message.check()] == []


@pytest.mark.parametrize(
    ("language", "cents", "currency", "text"),
    [
        ("en", 12999, "EUR", "€129.99"),
        ("en", 123456789, "USD", "US$1,234,567.89"),
        ("en", 1400, "JPY", "JP¥1,400"),
        ("de", 123456789, "EUR", "1.234.567,89\xa0€"),
        ("de", 1234, "KWD", "1,234\xa0KWD"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(language, cents, currency, text):
    assert localization(language).money(cents, currency) == text


@pytest.mark.parametrize("language", LOCALES)
def test_an_amount_of_any_currency_says_all_its_digits(language):
    for currency, decimals in DECIMALS.items():
        text = localization(language).money(123456, currency)
        assert "".join(filter(str.isdigit, text)) == "123456", (currency, decimals)


def test_days_and_times_are_those_of_the_shop():
    noon = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)

    assert localization("en").date(noon) == "5 January 2026"
    assert localization("de").date(noon, "Europe/Berlin") == "6. Januar 2026"
    assert localization("en").time(noon) == "5 Jan 2026, 23:30"
    assert localization("de").time(noon, "Europe/Berlin") == "06.01.2026, 00:30"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-CH", "de"),
        ("fr", "en"),
        ("fr, de-AT;q=0.9, en;q=0.5", "de"),
        ("en, de;q=0.9", "en"),
        ("*", "en"),
        (";;,", "en"),
        ("fr, de;q=0", "en"),
        ("fr," * 20 + "de", "en"),
        ("fr," * 19 + "de", "de"),
    ],
)
def test_the_language_is_the_best_of_those_that_are_read(accepted, language):
    assert localization_for(accepted).language == language
