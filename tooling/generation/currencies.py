"""The currencies of ISO 4217: asked of a library here, since reading its list takes each process 0.2 s and 4 MB."""

from iso4217 import Currency

from tooling.generation.rendering import render_template


def render_currencies() -> str:
    """The text of the module: all currencies that amounts can be in, which metals and test codes are not."""
    decimals = {currency.code: currency.exponent for currency in Currency if currency.exponent is not None}
    return render_template("currencies.py.jinja", decimals=sorted(decimals.items()))
