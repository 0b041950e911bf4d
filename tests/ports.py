# SPDX-License-Identifier: Apache-2.0
"""Ports of 127.0.0.1 for the servers of tests."""

import random
import socket

_held = []


def hold(port, anew=False):
    """Keeps a port for a server while there is none, until what this returns is closed: who looks for a free one does not
    get it, and a server, which asks for it with SO_REUSEADDR, does. `anew`: an OSError when another holds it so."""
    place = socket.socket()
    try:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, not anew)
        place.bind(("127.0.0.1", port))
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
        return place
    except OSError:
        place.close()
        raise


def free_port():
    """Of TCP, and held as long as this process lives. Below the range that the kernel gives to outgoing connections, so that
    a server finds its own again after a restart."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        try:
            _held.append(hold(port, anew=True))
            return port
        except OSError:
            continue
