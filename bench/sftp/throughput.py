"""Large files by the stock sftp client: wall time, the servers' CPU seconds per GiB, and how far both are from the floor."""
import os
import statistics
import subprocess
import sys
import threading
import time

from servers import SSH


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


class SessionMemory:
    """The most private memory that one connection's processes had together, looked at every 50 ms."""

    def __init__(self, server):
        self.server, self.most = server, 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.done.wait(0.05):
            by_program = self.server.private_by_program()
            self.most = max(self.most, self.server.session_bytes(by_program))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


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


def peak_memory(server, key, cipher, source, folder):
    server.start()
    with SessionMemory(server) as memory:
        clients(server, key, cipher, [f"put {source} peak\nget peak {folder / 'peak'}\nrm peak\n"], folder)
    server.stop()
    (folder / "peak").unlink()
    return memory.most


def floor(build, folder, mib):
    said = subprocess.run([build / "bin" / "floor_probe", folder / "floor", str(mib)], check=True,
                          capture_output=True, text=True).stdout.split()
    return {"upload": float(said[0]), "download": float(said[1])}


def make_source(path, mib):
    with open(path, "wb") as out:
        for _ in range(mib):
            out.write(os.urandom(1 << 20))


def run(servers, options, key, folder, memory):
    source = memory / "source"
    make_source(source, options.mib)
    gib = options.mib * options.streams / 1024
    print(f"\n{options.mib} MiB x {options.streams}, {options.runs} runs, medians; ratio = bulkhead / openssh")
    print(f"{'cipher':30} {'what':9} {'':9} {'bulkhead':>9} {'openssh':>9} {'ratio':>6} {'floor':>6} {'ours/floor':>10}")
    for cipher in options.cipher or ["aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr"]:
        runs = [[measure(server, key, cipher, source, memory, options.streams) for server in servers]
                for _ in range(options.runs)]
        least = floor(options.build, folder, options.mib)
        for what in ("upload", "download"):
            for index, unit in ((0, "wall s"), (1, "CPU s/GiB")):
                scale = 1 if index == 0 else 1 / gib
                ours, theirs = (statistics.median(run[i][what][index] for run in runs) * scale for i in (0, 1))
                ratio = statistics.median(run[0][what][index] / max(run[1][what][index], 1e-9) for run in runs)
                beside = f"{least[what]:6.2f} {ours / least[what]:10.2f}" if index == 1 else ""
                print(f"{cipher:30} {what:9} {unit:9} {ours:9.2f} {theirs:9.2f} {ratio:6.2f} {beside}", flush=True)
        if options.streams == 1:
            ours, theirs = (peak_memory(server, key, cipher, source, memory) / 1e6 for server in servers)
            print(f"{cipher:30} {'both':9} {'peak MB':9} {ours:9.1f} {theirs:9.1f} {ours / theirs:6.2f}", flush=True)
    source.unlink()
