"""Started and stopped quickly, with clients connected and a busy machine: clean ends, a free lock, a server that is there when it
says so.

    restart.py FOLDER_OF_THE_BUILD_TREE [ROUNDS]
"""
import os
import random
import subprocess
import threading
import time

from deployment import MIB, TIMEOUT_S, Deployment, check, make_file, need, run, step

ROUNDS = 10
FEWEST_ROUNDS = 3
ENOUGH_S = 40        # no further round is begun after so long
AT_ONCE = 4          # clients in the moment in which the server is ready


def burn(pids, count):
    """Processes that keep the processors busy."""
    for _ in range(count):
        pids.append(subprocess.Popen(["sh", "-c", "while :; do :; done"]))


def connected_at_once(deployment):
    """Clients that connect in the moment of the ready line: each must be served."""
    clients = [subprocess.Popen(deployment.sftp_arguments("rita"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True) for _ in range(AT_ONCE)]
    for client in clients:
        said, _ = client.communicate("pwd\n", timeout=TIMEOUT_S)
        check(client.returncode == 0 and "/home/rita" in said, f"a client was not served right after the start: {said}")


def story(programs, rounds=str(ROUNDS)):
    need("sftp")
    source = random.Random(9)
    with Deployment(programs) as deployment:
        deployment.init()
        deployment.add_user("rita")
        large = make_file(deployment.path("large"), 64 * MIB)
        busy = []
        try:
            burn(busy, 2)
            slowest = 0.0
            started = time.monotonic()
            number = 0
            while number < int(rounds) and (number < FEWEST_ROUNDS or time.monotonic() - started < ENOUGH_S):
                number += 1
                server = deployment.start()
                connected_at_once(deployment)
                idle = subprocess.Popen(deployment.sftp_arguments("rita"), stdin=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
                upload = subprocess.Popen(deployment.sftp_arguments("rita"), stdin=subprocess.PIPE,
                                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
                upload.stdin.write(f"put {large} large-{number}\n")
                upload.stdin.close()
                time.sleep(source.uniform(0.0, 0.4))
                family = server.family()
                began = time.monotonic()
                deployment.stop()
                slowest = max(slowest, time.monotonic() - began)
                text = "".join(server.log)
                for bad in ("killed", "signal 9", "did not stop in time", "error:"):
                    check(bad not in text, f"a stop in round {number} was not clean:\n{text}")
                left = [pid for pids in family.values() for pid in pids if os.path.exists(f"/proc/{pid}")]
                check(not left, f"round {number} left processes behind: {left}")
                idle.communicate("ls\n", timeout=TIMEOUT_S)
                check(idle.returncode != 0, "a client was not disconnected")
                upload.wait(TIMEOUT_S)
            step(f"{number} starts and stops, the slowest stop took {slowest:.2f} s")

            step("asked twice to stop, it stops")
            server = deployment.start()
            server.process.terminate()
            server.process.terminate()
            check(server.wait() == 0, f"it ended with {server.process.returncode}")

            step("a monitor that asks for the status at any moment is not in the way of starting")
            stop_asking = threading.Event()
            asked = []

            def ask():
                while not stop_asking.is_set():
                    asked.append(deployment.run("status", "--json", code=None).returncode)
            monitor = threading.Thread(target=ask)
            monitor.start()
            try:
                for _ in range(3):
                    deployment.start()
                    deployment.stop()
            finally:
                stop_asking.set()
                monitor.join()
            check(asked, "nothing was asked")
        finally:
            for process in busy:
                process.kill()
                process.wait()
        deployment.verify_journal()


run(story)
