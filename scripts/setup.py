"""Make the virtual environment with all that develops, tests and runs the shop."""

from runner import run_command

if __name__ == "__main__":
    run_command("infra.local.environment:report_environment", dev=True)
