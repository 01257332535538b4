"""Check everything that needs no running shop: style, types, arrows, contracts, generated files, migrations."""

from runner import run

if __name__ == "__main__":
    run("tooling.checks.checks:main", dev=True)
