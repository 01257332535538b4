"""Count, list, read and send back the events that services could not handle."""

from runner import run_command

if __name__ == "__main__":
    run_command("infra.redrive:main")
