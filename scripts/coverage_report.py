"""Say which declared answers and events were seen in the tests whose reports lie in a folder (default: reports/)."""

from runner import run

if __name__ == "__main__":
    run("tooling.coverage.report:main", dev=True)
