"""Build all images anew and start the shop from them, with Docker Compose. Needs nothing but Docker and Python."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.rebuild:main", environment=False)
