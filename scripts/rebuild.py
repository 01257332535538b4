"""Build all images anew and start the shop from them, with Docker Compose. Needs nothing but Docker and Python."""

from runner import run

if __name__ == "__main__":
    run("tooling.rebuild:main", environment=False)
