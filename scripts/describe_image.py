"""Write what the shop's image holds: a bill of materials (CycloneDX) and the licences, of the packages of its lock."""

from runner import run

if __name__ == "__main__":
    run("tooling.image.contents:main", dev=True)
