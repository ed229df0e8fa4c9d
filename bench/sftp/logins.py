"""Log-ins a second, and what an idle session costs."""
import resource
import statistics
import subprocess
import sys
import time


def load(options, server, key, count, parallel, *more):
    return [options.build / "bin" / "login_load", str(server.port), server.user, str(key), str(count), str(parallel),
            *more]


def rate(options, server, key):
    figure = 0.0

    def work():
        nonlocal figure
        done = subprocess.run(load(options, server, key, options.logins, 16), capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{server.name}: {done.stderr}")
        figure = float(done.stdout)

    _, cpu_s = server.cpu_seconds_of(work)
    return figure, cpu_s / options.logins * 1000


def run_logins(servers, options, key, *_):
    print(f"\n{options.logins} log-ins with an ed25519 key, 16 at a time, {options.runs} runs, medians")
    print(f"{'':20} {'bulkhead':>9} {'openssh':>9} {'ratio':>6}")
    figures = [[rate(options, server, key) for server in servers] for _ in range(options.runs)]
    for index, unit in ((0, "log-ins/s"), (1, "server CPU ms each")):
        ours, theirs = (statistics.median(run[i][index] for run in figures) for i in (0, 1))
        print(f"{unit:20} {ours:9.1f} {theirs:9.1f} {ours / theirs:6.2f}", flush=True)


def run_idle(servers, options, key, *_):
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(f"\n{options.idle} idle SFTP sessions at once")
    for server in servers[:1]:
        server.start()
        client = subprocess.Popen(load(options, server, key, options.idle, 8, "hold"), stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        if not client.stdout.readline().startswith("open"):
            sys.exit(f"{server.name} did not hold {options.idle} sessions")
        time.sleep(options.settle_s)
        by_program = server.private_by_program()
        for program, sizes in sorted(by_program.items()):
            print(f"{server.name:10} {program:20} {len(sizes):6} processes, private memory each: median "
                  f"{statistics.median(sizes) / 2**20:6.2f} MiB, most {max(sizes) / 2**20:6.2f} MiB", flush=True)
        client.stdin.close()
        client.wait()
        server.stop()
