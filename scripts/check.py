"""Check everything that needs no running shop: style, types, arrows, contracts, generated files, migrations."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.checks.checks:main", dev=True)
