"""Show which consumer's needs of which provider are verified; fail on anything that is not."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.pacts.matrix:main", dev=True)
