"""Change the code of the services one expression at a time, and show which change no test notices."""

from runner import run

if __name__ == "__main__":
    run("tooling.code_mutation.command:main", dev=True)
