"""Write what the shop's image holds: a bill of materials (CycloneDX) and the licences, of the packages of its lock."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.image.contents:main", dev=True)
