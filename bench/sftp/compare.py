#!/usr/bin/env python3
"""Bulkhead's server and OpenSSH's sshd, in turn, in one run, driven by the same clients.

    bench/sftp/compare.py [PART]... [--build build/release] [--runs 3] …

PART is any of throughput, small, logins, idle, long_path (all unless named). Wall time is the client's, CPU seconds are the
server's: all its processes, as the operating system accounts for them when they end, less those of a connection that
transfers nothing. Bulkhead encrypts what it stores and has it on disk when CLOSE is answered; so that the promise is
the same, sshd's client asks for an fsync (`put -f`). The floor is a program that only moves the bytes and encrypts
them twice (floor_probe.cpp). Needs root (sshd wants it); script/bench installs and builds the rest. Everything
listens on 127.0.0.1.
"""
import argparse
import pathlib
import subprocess
import tempfile

import logins
import long_path
import small_files
import throughput
from servers import Bulkhead, OpenSsh, touch_memory

PARTS = {"throughput": throughput.run, "small": small_files.run, "logins": logins.run_logins, "idle": logins.run_idle,
         "long_path": long_path.run}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="*", choices=[[], *PARTS], metavar="PART")
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--touch-gib", type=int, default=4, help="memory to use once before anything is measured")
    parser.add_argument("--mib", type=int, default=1024, help="throughput: size of a file")
    parser.add_argument("--streams", type=int, default=1, help="throughput: clients at a time")
    parser.add_argument("--cipher", action="append", help="throughput: one or more")
    parser.add_argument("--files", type=int, default=10_000, help="small: how many")
    parser.add_argument("--logins", type=int, default=400, help="logins: how many")
    parser.add_argument("--idle", type=int, default=1000, help="idle: how many sessions")
    parser.add_argument("--long-mib", type=int, default=512, help="long_path: size of the file")
    parser.add_argument("--settle-s", type=int, default=5, help="idle: seconds before memory is looked at")
    options = parser.parse_args()
    options.build = options.build.resolve()
    # In the build folder: on the disk that is measured, and ignored where a run is killed.
    with tempfile.TemporaryDirectory(prefix="bulkhead-bench-", dir=options.build) as name, \
         tempfile.TemporaryDirectory(prefix="bulkhead-bench-", dir="/dev/shm") as memory:
        folder, memory = pathlib.Path(name).resolve(), pathlib.Path(memory)
        key = folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        servers = [Bulkhead(options.build, folder, key), OpenSsh(folder, key)]
        options.crash_folder = servers[0].crash_folder
        touch_memory(options.touch_gib)
        for part in options.part or PARTS:
            PARTS[part](servers, options, key, folder, memory)


if __name__ == "__main__":
    main()
