"""Change the code of the services one expression at a time, and show which change no test notices."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.code_mutation.command:main", dev=True)
