"""Make ready what services need: roles, schemas, migrations, topics, the bucket, the first admin."""

from runner import run_command

if __name__ == "__main__":
    run_command("infra.seeding:seed")
