"""What is told of an error in logs, headers and lists, where whoever reads it need not know whom it is about."""

import traceback
from pathlib import PurePath

import psycopg

MAX_CHARACTERS = 200
# Their texts are about themselves, not about what people sent.
TRUSTED_PACKAGES = ("chassis", "aiokafka")


def describe_error(error: BaseException) -> str:
    """The class of an error, and of its text what quotes nobody; of any other error, where it was raised.

    PostgreSQL says in DETAIL which values were in the way, and a KeyError is its key: the text of an exception may be
    somebody's address.
    """
    name = type(error).__qualname__
    if isinstance(error, psycopg.Error) and error.sqlstate:
        about = (error.sqlstate, error.diag.table_name, error.diag.constraint_name)
        return f"{name}: {' '.join(filter(None, about))}"
    package = type(error).__module__.partition(".")[0]
    if isinstance(error, OSError | psycopg.Error) or package in TRUSTED_PACKAGES:
        said = str(error).partition("\n")[0][:MAX_CHARACTERS]
        return f"{name}: {said}" if said else name
    frames = traceback.extract_tb(error.__traceback__)
    return f"{name} at {'/'.join(PurePath(frames[-1].filename).parts[-3:])}:{frames[-1].lineno}" if frames else name
