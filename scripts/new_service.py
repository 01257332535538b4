"""Make a service that works: contract, package, migration, tests and its entry in services.toml."""

from runner import run

if __name__ == "__main__":
    run("tooling.scaffolding.new_service:main", dev=True)
