"""Run all checks and tests, with progress; the last line counts them."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.checks.suites:main", dev=True)
