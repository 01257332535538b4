"""Lint the OpenAPI and AsyncAPI contracts by redocly.yaml."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.compatibility.linting:main", dev=True)
