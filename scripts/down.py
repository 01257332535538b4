"""Stop the shop."""

from runner import run

if __name__ == "__main__":
    run("infra.local.stack:down")
