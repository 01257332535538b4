"""The commonest passwords: asked of a library here, since its lists take each process 13 MB."""

from textwrap import fill

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from tooling.generation.rendering import render_template

MAX_PASSWORDS = 10_000
MIN_LENGTH = 8  # what the contracts ask for: shorter ones cannot be chosen anyway


def render_common_passwords() -> str:
    """The text of the module: the commonest that are long enough, in small letters."""
    chosen = [password for password in FREQUENCY_LISTS["passwords"] if len(password) >= MIN_LENGTH][:MAX_PASSWORDS]
    return render_template(
        "common_passwords.py.jinja", passwords=fill(" ".join(sorted(chosen)), 110, break_on_hyphens=False)
    )
