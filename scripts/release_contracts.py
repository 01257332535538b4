"""Keep the contracts as released; with --check only say which version does not tell what has changed."""

from runner import run

if __name__ == "__main__":
    run("tooling.compatibility.releasing:main", dev=True)
