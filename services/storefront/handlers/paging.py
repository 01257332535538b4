"""Pages of a list that goes on."""

from urllib.parse import urlencode


def next_page(path: str, cursor: str | None, **query: object) -> str | None:
    """The address of the page after this one, if there is one; what is None is left out of it."""
    if cursor is None:
        return None
    return (
        f"{path}?{urlencode({name: value for name, value in {**query, 'cursor': cursor}.items() if value is not None})}"
    )
