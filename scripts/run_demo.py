"""Start the shop, run the whole flow from a cart to the parcel at the door, and show the mails."""

from runner import run

if __name__ == "__main__":
    run("demo.command:run")
