"""Ports for servers that tests start."""

import random
import socket


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on.

    It is below those that outgoing connections get, which could take it before its server does.
    """
    for port in random.sample(range(10_000, 20_000), 1000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise RuntimeError("no free port was found between 10000 and 20000")
