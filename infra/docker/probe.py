"""Says to Docker whether the service in this container is ready, by exit code. Standard library only."""

import os
import sys
from http.client import HTTPConnection, HTTPException


def main() -> int:
    """Ask once; 0 if it is ready."""
    connection = HTTPConnection("127.0.0.1", int(os.environ["PORT"]), timeout=3)
    try:
        connection.request("GET", f"/{os.environ['SERVICE']}/health/ready")
        answer = connection.getresponse()
        print(answer.status, answer.read(1000).decode("utf-8", "replace"))  # `docker inspect` shows it
    except (OSError, HTTPException) as trouble:
        print(trouble)
        return 1
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
