"""One end of a TCP transfer in both directions: `transfer.py serve|connect SOURCE ADDRESS BYTES SEED`; prints SHA-256s."""

import hashlib
import random
import socket
import sys
import threading

PORT = 7000


def main():
    role, source, address, count, seed = sys.argv[1:]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    if role == "serve":
        listener = socket.create_server((source, PORT), family=family)
        print("listening", flush=True)
        listener.settimeout(30)
        connection, _ = listener.accept()
    else:
        connection = socket.socket(family)
        connection.settimeout(30)
        connection.bind((source, 0))
        connection.connect((address, PORT))
    connection.settimeout(30)
    data = random.Random(seed).randbytes(int(count))

    def send():
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    received = hashlib.sha256()
    while chunk := connection.recv(65536):
        received.update(chunk)
    sender.join()
    print("sent", hashlib.sha256(data).hexdigest())
    print("received", received.hexdigest(), flush=True)


if __name__ == "__main__":
    main()
