"""Draw the pictures of the sample data and of the pages anew."""

from runner import run_command

if __name__ == "__main__":
    run_command("demo.draw_pictures:run", dev=True)
