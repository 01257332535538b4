"""Make generated/ from contracts/ and asyncapi/; with --check only say what is not as it would be made."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.generation.command:main", dev=True)
