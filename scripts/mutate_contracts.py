"""Weaken the contracts one constraint at a time, and show which check notices."""

from runner import run

if __name__ == "__main__":
    run("tooling.mutation.command:main", dev=True)
