"""Make ready what services need: roles, schemas, migrations, topics, the bucket, the first admin."""

from runner import run

if __name__ == "__main__":
    run("infra.seeding:seed")
