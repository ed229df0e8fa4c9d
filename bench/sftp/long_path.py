"""One stream over a long path: 1 Gbit/s, 100 ms round trip, by a proxy that delays. How much of the link is used, and what
clients limit themselves to: sftp has -R requests of -B bytes under way (64 of 32 KiB), and a window of 2 MiB for what it
receives that no option changes."""
import os
import statistics
import subprocess
import time

from servers import SSH

LINK_MBIT_S = 1000
ONE_WAY_MS = 50


def stock_sftp(flags):
    return lambda port, server, key, source, back, upload: (
        ["sftp", "-q", "-b", "-", "-P", str(port), "-i", str(key), *flags, *SSH, f"{server.user}@127.0.0.1"],
        f"put {source} long\n" if upload else f"get long {back}\n")


def lftp(port, server, key, source, back, upload):
    ssh = f"ssh -a -x -i {key} " + " ".join(SSH)
    settings = (f"set sftp:connect-program '{ssh}'; set sftp:max-packets-in-flight 2000; set sftp:size-write 262000; "
                f"set sftp:size-read 262000; open -u {server.user}, -p {port} sftp://127.0.0.1; ")
    return ["lftp", "-c", settings + (f"put {source} -o long" if upload else f"get long -o {back}")], ""


CLIENTS = {"sftp": stock_sftp([]), "sftp -B 261120 -R 128": stock_sftp(["-B", "261120", "-R", "128"]),
           "lftp, large windows": lftp}


def transfer_s(arguments, text):
    began = time.monotonic()
    done = subprocess.run(arguments, input=text, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - began if done.returncode == 0 else None


def run(servers, options, key, folder, memory):
    source, back = memory / "long", memory / "back"
    source.write_bytes(os.urandom(1 << 20) * options.long_mib)
    print(f"\n{options.long_mib} MiB by one client, {LINK_MBIT_S} Mbit/s, {2 * ONE_WAY_MS} ms round trip, {options.runs} runs, medians")
    print(f"{'':10} {'client':24} {'':9} {'s':>7} {'of the link':>12}")
    for server in servers:
        server.start()
        proxy = subprocess.Popen([options.build / "bin" / "delay_proxy", str(server.port), str(LINK_MBIT_S), str(ONE_WAY_MS)],
                                 stdout=subprocess.PIPE, text=True)
        try:
            port = int(proxy.stdout.readline())
            # What a session costs before its first byte is not the stream's.
            session_s = transfer_s(*(stock_sftp([])(port, server, key, "/dev/null", back, True)[0], "pwd\n"))
            for name, client in CLIENTS.items():
                for upload in (True, False):
                    took = [transfer_s(*client(port, server, key, source, back, upload)) for _ in range(options.runs)]
                    if None in took:
                        print(f"{server.name:10} {name:24} failed")
                        break
                    stream_s = statistics.median(took) - session_s
                    share = options.long_mib * (1 << 20) * 8 / (LINK_MBIT_S * 1e6) / stream_s
                    print(f"{server.name:10} {name:24} {'upload' if upload else 'download':9} {stream_s:7.2f} {share:12.0%}",
                          flush=True)
        finally:
            proxy.kill()
            proxy.wait()
            server.stop()
