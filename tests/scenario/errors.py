"""What goes wrong on a Monday morning gets one clear sentence and an exit status that is not 0.

    errors.py FOLDER_OF_THE_BUILD_TREE
"""
import contextlib
import os
import re
import shutil
import socket
import sqlite3
import subprocess

from deployment import TIMEOUT_S, Deployment, check, run, step

NOBODY = 65534


def serve(deployment, *arguments, folder=None, sftp="127.0.0.1:0", **how):
    """A serve that must fail. Returns the one sentence that it said."""
    done = subprocess.run([deployment.bulkhead, "serve", folder or deployment.data, "--sftp", sftp, *arguments],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, **how)
    check(done.returncode in (1, 2), f"serve ended with {done.returncode}\n{done.stdout}{done.stderr}")
    check(done.stdout == "", f"it said to be ready: {done.stdout}")
    return one_sentence(done.stderr)


def one_sentence(text):
    check(re.fullmatch(r"bulkhead: [^\n]+\n", text), f"not one sentence:\n{text}")
    print("  ", text.strip(), flush=True)
    return text


def says(text, *words):
    for word in words:
        check(word in text, f"{word!r} is not in: {text}")


def ports(deployment):
    step("port in use, no port, an address of somebody else")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        says(serve(deployment, sftp=f"127.0.0.1:{port}"), f"port {port}", "in use", "--sftp")
    says(serve(deployment, sftp="127.0.0.1:99999"), "99999")
    says(serve(deployment, sftp="nonsense"), "nonsense")
    says(serve(deployment, sftp="203.0.113.1:2022"), "203.0.113.1", "--sftp")


def second_server(deployment):
    step("a second server on the same folder; the first one goes on")
    server = deployment.start()
    says(serve(deployment), deployment.data, "open", "stop it first")
    check(server.process.poll() is None, "the first server ended")
    deployment.run("user", "list")
    deployment.stop()


def root_keys(deployment):
    step("root key: missing, of another deployment, of no deployment at all, cut off")
    key = deployment.path("root-key")
    shutil.move(key, key + ".away")
    says(serve(deployment), key, "missing", "bulkhead.toml")
    says(one_sentence(deployment.run("user", "list", code=1).stderr), key, "missing")
    with Deployment(deployment.programs) as other:
        other.init()
        shutil.copy(other.path("root-key"), key)
    says(serve(deployment), "root key")
    for contents in (b"", b"what is this\n", open(key + ".away", "rb").read()[:-10]):
        with open(key, "wb") as file:
            file.write(contents)
        says(serve(deployment), key)
    os.replace(key + ".away", key)


def newer_formats(deployment):
    step("written by a newer release: the deployment, its journal; a catalogue that somebody changed")
    path = os.path.join(deployment.data, "format")
    shutil.copy(path, path + ".old")
    with open(path, "w", encoding="ascii") as file:
        file.write("bulkhead deployment 2\n")
    says(serve(deployment), deployment.data, "newer release")
    with open(path, "w", encoding="ascii") as file:
        file.write("gibberish\n")
    says(serve(deployment), path)
    os.replace(path + ".old", path)

    journal = os.path.join(deployment.data, "journal")
    segment = os.path.join(journal, sorted(name for name in os.listdir(journal) if name.startswith("entries-"))[0])
    with open(segment, "r+b") as file:
        header = file.read(12)
        file.seek(8)
        file.write((2).to_bytes(4, "little"))
    says(serve(deployment), segment, "format 2", "the release that wrote it")
    with open(segment, "r+b") as file:
        file.write(header)

    # Nobody but the vault writes into its catalogue: what has been changed is made anew from the journal.
    write_into_catalogue(deployment)
    deployment.start()
    deployment.verify_journal()
    deployment.stop()


def write_into_catalogue(deployment):
    with contextlib.closing(sqlite3.connect(os.path.join(deployment.data, "catalogue.sqlite"))) as catalogue, catalogue:
        catalogue.execute("UPDATE catalogue_format SET version = version + 1")


def not_a_deployment(deployment):
    step("no deployment, no folder, a file")
    os.mkdir(deployment.path("empty"))
    says(serve(deployment, folder=deployment.path("empty")), deployment.path("empty"), "bulkhead init")
    says(serve(deployment, folder=deployment.path("nowhere")), deployment.path("nowhere"), "bulkhead init")
    says(serve(deployment, folder=deployment.path("incident-key")), deployment.path("incident-key"))
    environment = os.environ | {"BULKHEAD_DATA": deployment.path("empty")}
    done = subprocess.run([deployment.bulkhead, "user", "list"], capture_output=True, text=True, env=environment,
                          timeout=TIMEOUT_S, check=False)
    check(done.returncode == 1, f"user list ended with {done.returncode}")
    says(one_sentence(done.stderr), deployment.path("empty"), "bulkhead init")


def configuration(deployment):
    step("configuration: a misspelt setting, a wrong type, no TOML at all, missing")
    path = os.path.join(deployment.data, "bulkhead.toml")
    with open(path, encoding="utf-8") as file:
        good = file.read()
    for wrong, words in [("\n[limits2]\nconnections = 7\n", ["limits2", "is not a section"]),
                         ("\n[budget.user.x]\nbytes_per_dya = 7\n", ["bytes_per_dya", "is not a setting"]),
                         ("\n[budget.user.x]\nbytes_per_day = \"7\"\n", ["bytes_per_day", "whole number"]),
                         ("\n[[[\n", [])]:
        with open(path, "w", encoding="utf-8") as file:
            file.write(good + wrong)
        says(serve(deployment), path, *words)
        says(one_sentence(deployment.run("user", "list", code=None).stderr), f"{path}:", *words)
    os.unlink(path)
    says(serve(deployment), path)
    with open(path, "w", encoding="utf-8") as file:
        file.write(good)


def unreadable(deployment):
    step("a folder that cannot be read")
    if os.geteuid() == 0:
        os.chmod(deployment.folder, 0o755)  # the way there is open, the deployment is not
        says(serve(deployment, user=NOBODY, group=NOBODY, extra_groups=[]), deployment.data, "may not be read")
        os.chmod(deployment.data, 0o755)  # the folder is, what is in it is not
        says(serve(deployment, user=NOBODY, group=NOBODY, extra_groups=[]), deployment.data, "may not be read")
        os.chmod(deployment.data, 0o700)
    else:
        os.chmod(deployment.data, 0)
        says(serve(deployment), deployment.data, "may not be read")
        os.chmod(deployment.data, 0o700)


def story(programs):
    with Deployment(programs) as deployment:
        deployment.init()
        deployment.run("user", "list")
        for part in (ports, second_server, root_keys, newer_formats, not_a_deployment, configuration, unreadable):
            part(deployment)
        step("after all that it still starts")
        deployment.start()
        deployment.verify_journal()
        deployment.stop()


run(story)
