"""Start the shop and stay (--detach: return when it is ready)."""

from runner import run

if __name__ == "__main__":
    run("infra.local.stack:up")
