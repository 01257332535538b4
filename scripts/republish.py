"""Publish events again that the outboxes still hold, after the broker has lost them."""

from runner import run_command

if __name__ == "__main__":
    run_command("infra.republish:main")
