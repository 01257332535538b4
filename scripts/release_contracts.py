"""Keep the contracts as released; with --check only say which version does not tell what has changed."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.compatibility.releasing:main", dev=True)
