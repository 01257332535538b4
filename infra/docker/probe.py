"""Says to Docker whether the service that is named is ready, by exit code. It imports only what starts quickly."""

import os
import socket
import sys


def main() -> int:
    """Ask once; 0 if it is ready."""
    request = f"GET /{sys.argv[1]}/health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n"
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", int(os.environ["PORT"])), timeout=3) as connection:
            connection.sendall(request.encode())
            while received := connection.recv(4096):
                answer += received
    except OSError as error:
        print(error)
        return 1
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1:2]
    print(b" ".join(status).decode(), body[:1000].decode("utf-8", "replace"))  # `docker inspect` shows it
    return 0 if status == [b"200"] else 1


if __name__ == "__main__":
    sys.exit(main())
