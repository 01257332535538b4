"""Send dead letters back to the one consumer that could not handle them, after it was mended."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.redrive:main")
