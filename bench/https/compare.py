#!/usr/bin/env python3
"""Bulkhead's HTTPS listener and nginx, in turn, in one run, driven by curl: TLS 1.3 with the same cipher suite.

    bench/https/compare.py [--build build/release] [--runs 3] [--mib 512] [--streams 1] [--cipher SUITE]…

Wall time is the transfer's, on a connection that has had a request before (here the log-in), so that neither handshake
nor log-in are in it; of several streams the slowest counts. CPU seconds are the server's: all its processes, as the
operating system accounts for them when they end, less those of connections that transfer nothing. Bulkhead encrypts
what it stores, nginx stores it as it is and syncs nothing: "upload" goes to a folder that promises no more
(`durability = crash`), "synced" to one that promises to survive power loss, beside the same upload to nginx. Needs root
(nginx's workers are to write where root may) and nginx-light; script/bench https installs and builds. Everything
listens on 127.0.0.1.
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile

from web_servers import Nginx, Web, sftp_servers  # first: by it the next one is found
from throughput import make_source

CIPHERS = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]


def clients(server, cipher, transfers):
    """One curl for each list of arguments at once; the seconds of the slowest transfer."""
    always = ["-sS", "--ipv4", "--cacert", str(server.ca), "--tlsv1.3", "--tls13-ciphers", cipher]
    running = [subprocess.Popen(["curl", *always, "-o", "/dev/null", *server.first_request(),
                                 *(["--next", *always, "-w", "%{stderr}%{http_code} %{num_connects} %{time_total}", *transfer]
                                   if transfer else [])],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
               for transfer in transfers]
    slowest = 0.0
    for client, transfer in zip(running, transfers):
        said = client.communicate()[1]
        if client.returncode != 0 or (transfer and not (said.startswith("20") and said.split()[1] == "0")):
            sys.exit(f"{server.name}: curl ended with {client.returncode}: {said}")
        if transfer:
            slowest = max(slowest, float(said.split()[2]))
    return slowest


def measure(server, cipher, source, back, streams, what):
    """Wall and CPU seconds of one kind of transfer, each of them by a server that was started for it."""
    def job(i):
        if what == "download":
            return ["-o", str(back[i]), server.file_url(f"file{i}")]
        return ["-o", "/dev/null", "-T", str(source), server.file_url(f"file{i}", durable=what == "synced")]
    return server.cpu_seconds_of(lambda: clients(server, cipher, [job(i) for i in range(streams)]))


def one_run(server, cipher, source, memory, streams):
    idle = server.cpu_seconds_of(lambda: clients(server, cipher, [[]] * streams))[1]
    back = [memory / f"back{i}" for i in range(streams)]
    figures = {}
    for what in ("upload", "download", "synced"):
        wall, cpu = measure(server, cipher, source, back, streams, what)
        figures[what] = (wall, max(0.0, cpu - idle))
    for path in back:
        if subprocess.run(["cmp", "-s", str(path), str(source)], check=False).returncode != 0:
            sys.exit(f"{server.name}: what came back differs")
        path.unlink()
    return figures


def compare(servers, options, memory):
    source = memory / "source"
    make_source(source, options.mib)
    gib = options.mib * options.streams / 1024
    print(f"\n{options.mib} MiB x {options.streams}, {options.runs} runs, medians; ratio = bulkhead / nginx")
    print(f"{'cipher':30} {'what':9} {'':9} {'bulkhead':>9} {'nginx':>9} {'ratio':>6}")
    for cipher in options.cipher or CIPHERS:
        runs = [[one_run(server, cipher, source, memory, options.streams) for server in servers] for _ in range(options.runs)]
        for what in ("download", "upload", "synced"):
            for index, unit in ((0, "wall s"), (1, "CPU s/GiB")):
                scale = 1 if index == 0 else 1 / gib
                ours, theirs = (statistics.median(run[i][what][index] for run in runs) * scale for i in (0, 1))
                ratio = statistics.median(run[0][what][index] / max(run[1][what][index], 1e-9) for run in runs)
                print(f"{cipher:30} {what:9} {unit:9} {ours:9.2f} {theirs:9.2f} {ratio:6.2f}", flush=True)
    source.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--touch-gib", type=int, default=4, help="memory to use once before anything is measured; 12 for four streams")
    parser.add_argument("--mib", type=int, default=512, help="size of a file")
    parser.add_argument("--streams", type=int, default=1, help="clients at a time")
    parser.add_argument("--cipher", action="append", choices=CIPHERS, help="one or more")
    options = parser.parse_args()
    options.build = options.build.resolve()
    with tempfile.TemporaryDirectory(prefix="bulkhead-bench-", dir=options.build) as name, \
         tempfile.TemporaryDirectory(prefix="bulkhead-bench-", dir="/dev/shm") as memory:
        folder = pathlib.Path(name).resolve()
        key = folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        servers = [Web(options.build, folder, key), Nginx(folder)]
        sftp_servers.touch_memory(options.touch_gib)
        compare(servers, options, pathlib.Path(memory))


if __name__ == "__main__":
    main()
