"""Put a dozen products with pictures into the shop that is open, to look at."""

from runner import run_command

if __name__ == "__main__":
    run_command("demo.sample_data:run")
