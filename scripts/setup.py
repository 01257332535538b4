"""Make the virtual environment with all that develops, tests and runs the shop."""

from runner import run

if __name__ == "__main__":
    run("infra.local.environment:report", dev=True)
