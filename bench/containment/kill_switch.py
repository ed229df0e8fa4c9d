"""The kill switch with many sessions open: how long until nothing more can leave.

    kill_switch.py FOLDER_OF_THE_BUILD_TREE [--sessions 1000]

Opens that many SFTP sessions (asyncssh, one process), some of them in the middle of a download, then runs
`bulkhead incident contain` and prints when the command had done its work, when the last session process was gone, and
when the last client had seen the end of its connection. All counted from the moment the command was started.
"""
import argparse
import asyncio
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "scenario"))
import deployment as shared  # noqa: E402

DOWNLOADING_EVERY = 20  # one in so many is reading when it happens
AT_A_TIME = 16          # log-ins under way


class Client:
    def __init__(self, connection, sftp, ended):
        self.connection, self.sftp, self.ended = connection, sftp, ended
        self.ended_at = None


async def connect(d, asyncssh, gate):
    loop = asyncio.get_running_loop()
    ended = loop.create_future()

    class Watched(asyncssh.SSHClient):
        def connection_lost(self, exc):
            if not ended.done():
                ended.set_result(time.monotonic())

    async with gate:
        connection, _ = await asyncssh.create_connection(
            Watched, "127.0.0.1", d.server.port, username="ada", client_keys=[d.path("keys", "ada")], known_hosts=None,
            config=None, agent_path=None)
        sftp = await connection.start_sftp_client()
        await sftp.stat(".")
    return Client(connection, sftp, ended)


async def download(client):
    try:
        while True:
            async with client.sftp.open("large", "rb") as file:
                while await file.read(1 << 16):
                    pass
    except Exception:  # pylint: disable=broad-except
        pass  # it was cut: that is what is measured


def session_processes(d):
    return set(d.server.family().get("bulkhead-sftp-session", []))


async def wait_for_processes(before, sessions):
    """The moment at which every process that served a client is gone; those that wait for one (limits.waiting_sessions)
    hold nothing and stay."""
    while sum(os.path.exists(f"/proc/{pid}") for pid in before) > len(before) - sessions:
        await asyncio.sleep(0.005)
    return time.monotonic()


async def contain(d):
    environment = os.environ | {"BULKHEAD_DATA": d.data}
    command = await asyncio.create_subprocess_exec(d.bulkhead, "incident", "contain", env=environment,
                                                   stdout=subprocess.DEVNULL)
    code = await command.wait()
    shared.check(code == 0, f"incident contain ended with {code}")
    return time.monotonic()


async def measure(d, sessions):
    import asyncssh
    gate = asyncio.Semaphore(AT_A_TIME)
    began = time.monotonic()
    clients = await asyncio.gather(*(connect(d, asyncssh, gate) for _ in range(sessions)))
    print(f"{sessions} sessions open after {time.monotonic() - began:.1f} s; {len(session_processes(d))} session processes")
    reading = [asyncio.create_task(download(client)) for client in clients[::DOWNLOADING_EVERY]]
    await asyncio.sleep(1)
    before = session_processes(d)
    began = time.monotonic()
    gone = asyncio.create_task(asyncio.wait_for(wait_for_processes(before, sessions), 60))
    done_at = await contain(d)
    gone_at = await gone
    ends = await asyncio.wait_for(asyncio.gather(*(client.ended for client in clients)), 60)
    for task in reading:
        task.cancel()
    print(f"command done            {(done_at - began) * 1000:8.0f} ms")
    print(f"last process gone       {(gone_at - began) * 1000:8.0f} ms")
    print(f"last client saw the end {(max(ends) - began) * 1000:8.0f} ms  (this includes one busy Python process)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs")
    parser.add_argument("--sessions", type=int, default=1000)
    options = parser.parse_args()
    with shared.Deployment(options.programs) as d:
        d.init()
        d.add_user("ada")
        d.set("limits", "connections", options.sessions + 100)
        d.set("limits", "connections_per_address", options.sessions + 100)
        d.set("limits", "connections_per_user", options.sessions + 100)
        d.set("limits", "logins_per_minute", 1_000_000)
        d.start()
        path = shared.make_file(d.path("large"), 8 * shared.MIB)
        d.sftp("ada", f'put "{path}" large\n')
        d.wait_until_analysed()
        asyncio.run(measure(d, options.sessions))
        status = d.read("status", code=3)
        shared.check(status["contained"] and status["sessions"] == 0, f"{status}")


main()
