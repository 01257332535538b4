"""Start the shop, run the whole flow from a cart to the parcel at the door, and show the mails."""

from runner import run_command

if __name__ == "__main__":
    run_command("demo.command:run")
