"""Reserves 2 MiB hugepages for a while, and does without them where the machine gives none."""

import os
import subprocess
import sys
import tempfile

COUNT_PATH = "/proc/sys/vm/nr_hugepages"


class Hugepages:
    """A `with` block in which `eal(mebibytes)` gives the memory words for a DPDK process."""

    def __init__(self, mebibytes):
        self.wanted = (mebibytes + 1) // 2
        self.before = None
        self.mount = None

    def __enter__(self):
        problem = self._reserve()
        if problem:
            self._release()
            print(f"hugepages: none ({problem}); going on with --no-huge, which is slower", file=sys.stderr)
        return self

    def __exit__(self, *_):
        self._release()

    def eal(self, mebibytes):
        """EAL words that give a process this much memory."""
        if self.mount is None:
            return ["--no-huge", "-m", str(mebibytes)]
        return ["-m", str(mebibytes), f"--huge-dir={self.mount}"]

    @property
    def available(self):
        """Whether there are hugepages."""
        return self.mount is not None

    def _reserve(self):
        """Reserves and mounts; the reason if it cannot."""
        if os.geteuid() != 0:
            return "only root reserves them"
        try:
            free = _meminfo("HugePages_Free")
            if free < self.wanted:
                self.before = _count()
                _set_count(self.before + self.wanted - free)
            if _meminfo("HugePages_Free") < self.wanted:
                return f"the kernel has no {self.wanted} free pages of 2 MiB to give"
            folder = tempfile.mkdtemp(prefix="needletail-huge-")
        except (OSError, KeyError) as error:
            return f"{COUNT_PATH}: {error}"
        # A mount of our own, so that nothing of ours stays behind in one that others use.
        mounted = subprocess.run(
            ["mount", "-t", "hugetlbfs", "-o", "pagesize=2M", "none", folder], capture_output=True, text=True
        )
        if mounted.returncode != 0:
            os.rmdir(folder)
            return f"mount -t hugetlbfs: {mounted.stderr.strip()}"
        self.mount = folder
        return None

    def _release(self):
        if self.mount is not None:
            subprocess.run(["umount", self.mount], check=False)
            os.rmdir(self.mount)
            self.mount = None
        if self.before is not None:
            _set_count(self.before)
            self.before = None


def _meminfo(key):
    with open("/proc/meminfo") as file:
        for line in file:
            name, _, rest = line.partition(":")
            if name == key:
                return int(rest.split()[0])
    raise KeyError(key)


def _count():
    with open(COUNT_PATH) as file:
        return int(file.read())


def _set_count(count):
    with open(COUNT_PATH, "w") as file:
        file.write(str(count))
