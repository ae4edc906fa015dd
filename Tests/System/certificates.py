"""Certificates of a test's own, from an authority of its own."""

import subprocess


def openssl(*words):
    """`openssl req WORDS` for a new key on P-256."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subprocess.run(["openssl", "req", "-x509", *map(str, words), *key], check=True, capture_output=True)


class Authority:
    """An authority, and the certificates that it has signed, in a folder."""

    def __init__(self, folder, name="ca"):
        self.folder = folder
        self.certificate = folder / f"{name}.pem"
        self.key = folder / f"{name}.key"
        openssl("-subj", f"/CN={name}", "-keyout", self.key, "-out", self.certificate)

    def sign(self, name):
        """A certificate for this machine, and its key: two paths."""
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]
        openssl("-subj", f"/CN={name}", *names, "-CA", self.certificate, "-CAkey", self.key, "-keyout", key, "-out", certificate)
        return certificate, key
