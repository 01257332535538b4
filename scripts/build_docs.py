"""Write the pages that people read about the contracts into a folder."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.documentation.command:main")
