#!/usr/bin/env python3
"""Upload and download by the stock sftp client: Bulkhead's server and OpenSSH's sshd, in turn, in one run.

    bench/sftp/compare.py [--build build/release] [--mib 1024] [--runs 3] [--cipher aes256-gcm@openssh.com]... [--streams 1]

Wall time is the client's, CPU seconds are the server's: all its processes, as the operating system accounts for them
when they end, less those of a connection that transfers nothing. Bulkhead encrypts what it stores and has it on disk
when CLOSE is answered; so that the promise is the same, sshd's client asks for an fsync (`put -f`).
Needs root (sshd wants it), openssh-server and openssh-client. Everything listens on 127.0.0.1.
"""
import argparse
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

SSH = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
       "-o", "IdentitiesOnly=yes", "-o", "Compression=no"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Started for one measurement, so that its CPU time is that measurement's."""

    def cpu_seconds_of(self, work):
        self.start()
        try:
            wall = work()
        finally:
            os.kill(self.process.pid, signal.SIGTERM)
            _, _, usage = os.wait4(self.process.pid, 0)
            self.process.returncode = 0
        return wall, usage.ru_utime + usage.ru_stime


class Bulkhead(Server):
    name, flags = "bulkhead", ""

    def __init__(self, build, folder, key):
        self.program = str(build / "bin" / "bulkhead")
        self.data = folder / "bulkhead"
        run = lambda *words: subprocess.run([self.program, *words], check=True, stdout=subprocess.DEVNULL)
        run("init", str(self.data), "--incident-key-out", str(folder / "incident.key"))
        settings = self.data / "bulkhead.toml"
        text = settings.read_text().replace("bytes_per_day = 21474836480", "bytes_per_day = 1099511627776")
        # Reading for whose data is in it is another job than the transfer: it is measured elsewhere.
        text = text.replace("processes = 1", "processes = 0")
        # An account of its own kind: a new one may not read that much.
        settings.write_text(text + "\n[budget.user.bench]\nbytes_per_hour = 1099511627776\n"
                                   "bytes_per_day = 1099511627776\n")
        run("user", "add", "bench", "--key", f"{key}.pub", "--data", str(self.data))
        self.user = "bench"

    def start(self):
        self.process = subprocess.Popen([self.program, "serve", str(self.data), "--sftp", "127.0.0.1:0"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready"):
            sys.exit("bulkhead did not start")
        self.port = int(line.split("sftp=")[1].split()[0].rsplit(":", 1)[1])


class OpenSsh(Server):
    name, flags = "openssh", "-f"

    def __init__(self, folder, key):
        self.folder = folder / "openssh"
        self.folder.mkdir()
        host_key = self.folder / "host"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(host_key)], check=True)
        authorized = self.folder / "authorized_keys"
        shutil.copy(f"{key}.pub", authorized)
        files = self.folder / "files"
        files.mkdir()
        self.options = [f"HostKey={host_key}", f"AuthorizedKeysFile={authorized}", "PermitRootLogin=yes", "UsePAM=no",
                        "StrictModes=no", f"ForceCommand=internal-sftp -d {files}", "Subsystem=sftp internal-sftp",
                        "PidFile=none", "MaxStartups=100"]
        os.makedirs("/run/sshd", exist_ok=True)
        self.user = "root"

    def start(self):
        self.port = free_port()
        words = [word for option in self.options for word in ("-o", option)]
        self.process = subprocess.Popen([shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-f", "/dev/null",
                                         "-p", str(self.port), "-o", "ListenAddress=127.0.0.1", *words],
                                        stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        sys.exit("sshd did not start")


def clients(server, key, cipher, batches, folder):
    """Runs one client for each batch at once; returns the seconds until the last is done."""
    started = time.monotonic()
    running = []
    for i, batch in enumerate(batches):
        path = folder / f"batch{i}"
        path.write_text(batch)
        running.append(subprocess.Popen(["sftp", "-q", "-b", str(path), "-P", str(server.port), "-i", str(key),
                                         "-c", cipher, *SSH, f"{server.user}@127.0.0.1"],
                                        stdout=subprocess.DEVNULL))
    if any(client.wait() != 0 for client in running):
        sys.exit(f"a client of {server.name} failed")
    return time.monotonic() - started


def measure(server, key, cipher, source, folder, streams):
    back = [folder / f"back{i}" for i in range(streams)]
    jobs = {
        "idle": ["pwd\n"] * streams,
        "upload": [f"put {server.flags} {source} file{i}\n" for i in range(streams)],
        "download": [f"get file{i} {back[i]}\n" for i in range(streams)],
    }
    figures = {name: server.cpu_seconds_of(lambda: clients(server, key, cipher, batches, folder))
               for name, batches in jobs.items()}
    for path in back:
        if subprocess.run(["cmp", "-s", str(path), str(source)]).returncode != 0:
            sys.exit(f"{server.name}: what came back differs")
        path.unlink()
    idle = figures.pop("idle")[1]
    return {name: (wall, max(0.0, cpu - idle)) for name, (wall, cpu) in figures.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--streams", type=int, default=1)
    parser.add_argument("--cipher", action="append")
    options = parser.parse_args()
    gib = options.mib * options.streams / 1024
    with tempfile.TemporaryDirectory(prefix="bulkhead-bench-", dir=".") as name, \
         tempfile.TemporaryDirectory(prefix="bulkhead-bench-", dir="/dev/shm") as memory:
        folder, memory = pathlib.Path(name).resolve(), pathlib.Path(memory)
        key = folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        source = memory / "source"
        with open(source, "wb") as out:
            for _ in range(options.mib):
                out.write(os.urandom(1 << 20))
        servers = [Bulkhead(options.build, folder, key), OpenSsh(folder, key)]
        print(f"{options.mib} MiB x {options.streams}, {options.runs} runs, medians; ratio = bulkhead / openssh")
        print(f"{'cipher':30} {'what':9} {'':9} {'bulkhead':>9} {'openssh':>9} {'ratio':>6}")
        for cipher in options.cipher or ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr"]:
            runs = [[measure(server, key, cipher, source, memory, options.streams) for server in servers]
                    for _ in range(options.runs)]
            for what in ("upload", "download"):
                for index, unit in ((0, "wall s"), (1, "CPU s/GiB")):
                    scale = 1 if index == 0 else 1 / gib
                    ours, theirs = (statistics.median(run[i][what][index] for run in runs) * scale for i in (0, 1))
                    ratio = statistics.median(run[0][what][index] / max(run[1][what][index], 1e-9) for run in runs)
                    print(f"{cipher:30} {what:9} {unit:9} {ours:9.2f} {theirs:9.2f} {ratio:6.2f}", flush=True)


if __name__ == "__main__":
    main()
