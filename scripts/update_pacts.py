"""Make contracts/pacts/ anew from what the consumers' tests say."""

from runner import run

if __name__ == "__main__":
    run("tooling.pacts.recording:main", dev=True)
