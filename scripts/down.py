"""Stop the shop."""

from runner import run_command

if __name__ == "__main__":
    run_command("infra.local.stack:down")
