"""Many small files by one stock client, under the same promise: on disk when CLOSE is answered, or in the kernel."""
import statistics
import sys

from throughput import clients

CIPHER = "aes256-gcm@openssh.com"


def make_folder(path, files, size):
    path.mkdir()
    for number in range(files):
        (path / f"file{number:05}").write_bytes(number.to_bytes(4, "big") * (size // 4))


def wall_s(server, key, batch, folder):
    return server.cpu_seconds_of(lambda: clients(server, key, CIPHER, [batch], folder))


def run(servers, options, key, folder, memory):
    source = memory / "small"
    make_folder(source, options.files, 4096)
    print(f"\n{options.files} files of 4 KiB by one client, {options.runs} runs, medians; ratio = bulkhead / openssh")
    print(f"{'promise':34} {'':6} {'bulkhead':>9} {'openssh':>9} {'ratio':>6}")
    rows = [("survives power loss (client's -f)", {"bulkhead": ("", ""), "openssh": ("-f", "")}),
            ("survives the server's death", {"bulkhead": ("", options.crash_folder), "openssh": ("", "")})]
    number = 0
    for promise, how in rows:
        figures = {}
        for _ in range(options.runs):
            for server in servers:
                number += 1
                flags, into = how[server.name]
                target = f"{into}small{number}"
                batch = f"mkdir {target}\nput {flags} -r {source}/* {target}/\n"
                figures.setdefault(server.name, []).append(wall_s(server, key, batch, memory))
        for index, unit in ((0, "wall s"), (1, "CPU s")):
            ours, theirs = (statistics.median(run[index] for run in figures[server.name]) for server in servers)
            print(f"{promise:34} {unit:6} {ours:9.2f} {theirs:9.2f} {ours / theirs:6.2f}", flush=True)
