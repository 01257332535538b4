"""Names as people compare, sort and search them: however they are written, the same one is the same."""

import unicodedata

# Letters that are no other letter with a mark on it, but are typed as one where a keyboard lacks them.
LATIN_LETTER_TABLE = str.maketrans({"\u0131": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"})
# Combining classes whose marks are no accents, but letters: nuktas, voicing and viramas; vowels and tones of Thai, Lao
# and Tibetan.
LETTER_COMBINING_CLASSES = {*range(10), *range(84, 133)}


def name_key(name: str) -> str:
    """What two spellings of one name have in common: case, blanks and composition aside."""
    # The dotted and the dotless i are each other's case in Turkish only, and one letter to everybody else.
    case = unicodedata.normalize("NFKC", name).casefold().replace("i\u0307", "i").replace("\u0131", "i")
    plain = unicodedata.normalize("NFKC", case)
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) != "Cf")


def fold_text(text: str) -> str:
    """The text without case, marks and composition, to be searched in and sorted by."""
    decomposed = unicodedata.normalize(
        "NFKD", unicodedata.normalize("NFKD", text).casefold().translate(LATIN_LETTER_TABLE)
    )
    kept = (
        c
        for c in decomposed
        if unicodedata.combining(c) in LETTER_COMBINING_CLASSES and unicodedata.category(c) != "Cf"
    )
    return " ".join("".join(kept).split())
