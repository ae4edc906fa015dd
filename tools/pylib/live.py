"""A client of the API of a running forwarder: HTTP over its Unix socket, one connection for many requests."""

import http.client
import json
import socket


class Live(http.client.HTTPConnection):
    """A connection to the API."""

    def __init__(self, path, timeout=120):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        """Connects to the socket's path."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def ask(self, method, path, body=None):
        """A request; its status and the answer's JSON."""
        try:
            self.request(method, path, body)
        except BrokenPipeError:
            # A body that is refused is not read to its end; the answer is there all the same.
            pass
        answer = self.getresponse()
        return answer.status, json.loads(answer.read())

    def batch(self, lines):
        """Applies lines in one transaction; its report. A refusal is an AssertionError with the messages."""
        status, answer = self.ask("POST", "/v1/batch", "".join(f"{line}\n" for line in lines).encode())
        assert status == 200, answer
        return answer

    def configure(self, text, batch=None, dry_run=False):
        """Applies a configuration file's text; the transaction's report."""
        body = {"configuration": text, "file": "node.yaml", "dry-run": dry_run}
        if batch is not None:
            body["batch"] = batch
        status, answer = self.ask("POST", "/v1/apply", json.dumps(body).encode())
        assert status == 200, answer
        return answer
