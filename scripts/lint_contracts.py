"""Lint the OpenAPI and AsyncAPI contracts by redocly.yaml."""

from runner import run

if __name__ == "__main__":
    run("tooling.compatibility.linting:main", dev=True)
