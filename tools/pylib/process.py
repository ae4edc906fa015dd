"""Starts DPDK processes, waits for what they log, and stops each of them by its process id."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

from telemetry import Telemetry, runtime_folder


class Failure(Exception):
    """Something the person at the terminal has to read; printed without a traceback."""


def interrupt_on_signals():
    """Lets SIGINT and SIGTERM end the program by way of every `with` block, which the next one does not cut short."""

    def interrupt(*_):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)


class Process:
    """A child process with its output in files, stopped for certain at the end of a `with` block."""

    def __init__(self, name, arguments, folder):
        self.name = name
        self.output_path = os.path.join(folder, f"{name}.out")
        self.log_path = os.path.join(folder, f"{name}.log")
        with open(self.output_path, "wb") as output, open(self.log_path, "wb") as log:
            self.child = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=log,
                # Ctrl-C reaches the parent alone, which then stops its children in the right order.
                start_new_session=True,
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    @property
    def pid(self):
        """The process id."""
        return self.child.pid

    @property
    def output(self):
        """What it wrote to stdout so far."""
        return self._read(self.output_path)

    @property
    def log(self):
        """What it wrote to stderr so far."""
        return self._read(self.log_path)

    @staticmethod
    def _read(path):
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def tail(self, lines=15):
        """The last lines of both outputs, for an error message."""
        text = (self.output + "\n" + self.log).strip().splitlines()
        return "\n".join(f"    {self.name}: {line}" for line in text[-lines:])

    def wait_for(self, text, seconds=60):
        """Waits until the text stands in either output; a Failure if the process ends or the time passes first."""
        deadline = time.monotonic() + seconds
        while True:
            ended = self.child.poll() is not None
            if text in self.log or text in self.output:
                return
            if ended:
                raise Failure(f"{self.name} ended with status {self.child.returncode}:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise Failure(f"{self.name} did not say '{text}' within {seconds} s:\n{self.tail()}")
            time.sleep(0.05)

    def command(self, line):
        """Writes one line to the process's stdin."""
        self.child.stdin.write(line.encode() + b"\n")
        self.child.stdin.flush()

    def stop(self, seconds=30):
        """Asks the process to end with SIGTERM and gives its exit status; a Failure if it does not end."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds=30):
        """Waits for the process to end and gives its exit status; a Failure if it does not."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end within {seconds} s:\n{self.tail()}") from None

    def kill(self):
        """Ends the process whatever state it is in."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGCONT)
            self.child.terminate()
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.child.stdin.close()


class DPDKProcess(Process):
    """A DPDK process with a `--file-prefix` of its own, whose runtime folder goes with it."""

    def __init__(self, name, arguments, folder, prefix):
        super().__init__(name, arguments, folder)
        self.prefix = prefix

    def kill(self):
        """Ends the process and removes its runtime folder."""
        super().kill()
        shutil.rmtree(runtime_folder(self.prefix), ignore_errors=True)

    def connect(self):
        """Connects to the telemetry socket."""
        self.telemetry = Telemetry(self.prefix)


class Needletail(DPDKProcess):
    """`needletail run`, with the summary as JSON; the configuration gives the same prefix in `dpdk.eal`."""

    def __init__(self, name, folder, prefix, binary, configuration, wrapper=(), batch=None, more=()):
        words = [*wrapper, binary, "run", "--json", "-c", configuration, *(["--batch", batch] if batch else []), *map(str, more)]
        super().__init__(name, words, folder, prefix)
        self.binary = binary
        self.configuration = pathlib.Path(configuration)

    def wait_until_forwarding(self):
        """Waits until the workers run."""
        self.wait_for("forwarding")

    def show(self, what):
        """What `needletail show WHAT --json` says of it while it runs."""
        socket = json.loads(self.configuration.read_text())["api"]["socket"]
        words = [self.binary, "show", what, "--socket", socket, "--json"]
        result = subprocess.run(words, capture_output=True, text=True, timeout=60)
        if result.returncode != 0:
            raise Failure(f"{' '.join(words)}: {result.stderr}")
        return json.loads(result.stdout)

    def summary(self):
        """Stops the process and gives its summary."""
        status = self.stop()
        if status != 0:
            raise Failure(f"{self.name} ended with status {status}:\n{self.tail()}")
        try:
            return json.loads(self.output)
        except json.JSONDecodeError as error:
            raise Failure(f"{self.name}'s summary is not JSON: {error}\n{self.tail()}") from None


class Testpmd(DPDKProcess):
    """An interactive testpmd with one forwarding lcore."""

    def __init__(self, name, folder, prefix, eal, devices, options, main_core, core):
        vdevs = [word for device in devices for word in ("--vdev", device)]
        super().__init__(
            name,
            ["dpdk-testpmd", f"--lcores=0@{main_core},1@{core}", "--no-pci", f"--file-prefix={prefix}", *eal, *vdevs]
            + ["--", "-i", "--nb-cores=1", "--burst=64", "--total-num-mbufs=32768", "--no-flush-rx", *options],
            folder,
            prefix,
        )

    def wait_for_prompt(self):
        """Waits until commands are read."""
        self.wait_for("testpmd>")

    def quit(self):
        """Stops forwarding and ends the process."""
        self.command("stop")
        self.command("quit")
        return self.wait()


def two_cores():
    """Two cores of one socket to work on, not two threads of one core where there is a choice."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise Failure("two processes with a core each need two cores, and this machine allows one")
    first, others = allowed[0], allowed[1:]
    siblings = _cores_listed(first, "thread_siblings_list")
    socket = _cores_listed(first, "core_siblings_list")
    best = sorted(others, key=lambda core: (core not in socket, core in siblings, core))
    return first, best[0]


def _cores_listed(core, name):
    """The cores in a kernel list such as `0-3,8`."""
    try:
        with open(f"/sys/devices/system/cpu/cpu{core}/topology/{name}") as file:
            text = file.read().strip()
    except OSError:
        return set()
    cores = set()
    for part in text.split(","):
        low, _, high = part.partition("-")
        cores.update(range(int(low), int(high or low) + 1))
    return cores


def worker_thread(pid):
    """The id of a DPDK process's one worker thread; EAL's name for it changed with 23.11."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/comm") as file:
            if file.read().startswith(("lcore-worker", "rte-worker")):
                return int(thread)
    raise Failure(f"process {pid} has no worker lcore")
