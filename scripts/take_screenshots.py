"""Take the README's pictures of the shop that is open (--all: ten pages)."""

from runner import run_command

if __name__ == "__main__":
    run_command("demo.screenshots:run", dev=True)
