"""Start the shop and stay (--detach: return when it is ready)."""

from runner import run_command

if __name__ == "__main__":
    run_command("infra.local.stack:up")
