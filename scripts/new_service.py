"""Make a service that works: contract, package, migration, tests and its entry in services.toml."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.scaffolding.new_service:main", dev=True)
