"""Say which declared answers and events were seen in the tests whose reports lie in a folder (default: reports/)."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.coverage.report:main", dev=True)
