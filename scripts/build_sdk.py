"""Make an installable client package of the shop's public operations."""

from runner import run

if __name__ == "__main__":
    run("tooling.sdk.command:main", dev=True)
