"""Run all checks and tests, with progress; the last line counts them."""

from runner import run

if __name__ == "__main__":
    run("tooling.checks.suites:main", dev=True)
