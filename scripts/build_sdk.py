"""Make an installable client package of the shop's public operations."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.sdk.command:main", dev=True)
