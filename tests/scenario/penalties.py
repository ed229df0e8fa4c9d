"""An address whose log-ins fail is refused for a while, at the door; the journal says so once.

    penalties.py FOLDER_OF_THE_BUILD_TREE
"""
import socket
import subprocess

from deployment import Deployment, check, eventually, need, run, step


def answered(deployment):
    """Whether the server says its version."""
    with socket.create_connection(("127.0.0.1", deployment.server.port), timeout=30) as client:
        try:
            return client.recv(8).startswith(b"SSH-2.0-")
        except ConnectionResetError:
            return False


def story(programs):
    need("sftp")
    with Deployment(programs) as deployment:
        deployment.init()
        deployment.add_user("rosa")
        deployment.add_user("stranger")
        deployment.run("user", "remove", "stranger")
        for name, value in (("exempt", '""'), ("failed_login_ms", "20000"), ("enforced_from_ms", "60000")):
            deployment.set("penalties", name, value)
        deployment.start()
        step("who is in does not offend")
        for _ in range(4):
            deployment.sftp("rosa", "pwd\n")
        step("three connections that fail to log in")
        for number in range(3):
            check(answered(deployment), f"refused after {number} offences")
            done = subprocess.run(deployment.sftp_arguments("stranger"), input="pwd\n", capture_output=True, text=True,
                                  timeout=60, check=False)
            check(done.returncode != 0, "a stranger logged in")
        eventually(lambda: not answered(deployment), "the address is refused")
        step("nobody from there gets in; the journal says so once")
        check(deployment.sftp("rosa", "pwd\n", code=None).returncode != 0, "let in")
        for _ in range(5):
            check(not answered(deployment), "let in")
        entries = [entry for entry in deployment.read("journal", "list") if entry["event"] == "address_refused"]
        check(len(entries) == 1 and "127.0.0.1" in str(entries[0]["details"]), f"entries: {entries}")
        deployment.stop()
        step("exempt networks are not refused")
        deployment.set("penalties", "exempt", '"127.0.0.0/8"')
        deployment.start()
        for _ in range(5):
            subprocess.run(deployment.sftp_arguments("stranger"), input="pwd\n", capture_output=True, text=True,
                           timeout=60, check=False)
        deployment.sftp("rosa", "pwd\n")
        deployment.verify_journal()


run(story)
