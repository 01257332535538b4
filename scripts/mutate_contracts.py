"""Weaken the contracts one constraint at a time, and show which check notices."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.mutation.command:main", dev=True)
