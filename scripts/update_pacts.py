"""Make contracts/pacts/ anew from what the consumers' tests say."""

from runner import run_command

if __name__ == "__main__":
    run_command("tooling.pacts.recording:main", dev=True)
