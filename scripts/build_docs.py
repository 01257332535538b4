"""Write the pages that people read about the contracts into a folder."""

from runner import run

if __name__ == "__main__":
    run("tooling.documentation.command:main")
