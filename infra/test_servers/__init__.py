"""The servers that tests run on: of this machine, in containers, or somebody's."""
