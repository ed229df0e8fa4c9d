"""Password and code through keyboard-interactive, a key before them, and a code that is used twice; with stock clients.

    second_factor.py FOLDER_OF_THE_BUILD_TREE
"""
import os
import re
import subprocess

from deployment import Deployment, Skip, check, eventually, need, run, step

PASSWORD = "correct horse battery"


def secret_of(said):
    return re.search(r"secret=([A-Z2-7]+)&", said).group(1)


def code_of(secret, at="now"):
    done = subprocess.run(["oathtool", "--totp", "--base32", "--now", at, secret], capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Askpass:
    """The program that OpenSSH asks instead of a terminal; it writes down what it was asked."""

    def __init__(self, deployment, name):
        self.path = deployment.path(f"askpass-{name}")
        self.asked_path = deployment.path(f"asked-{name}")

    def environment(self, password, code):
        with open(self.path, "w", encoding="ascii") as file:
            file.write(f'#!/bin/sh\necho "$1" >>{self.asked_path}\n'
                       f'case "$1" in *code*) echo {code};; *) echo "{password}";; esac\n')
        os.chmod(self.path, 0o700)
        open(self.asked_path, "w", encoding="ascii").close()
        return os.environ | {"SSH_ASKPASS": self.path, "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}

    def asked(self):
        with open(self.asked_path, encoding="utf-8") as file:
            return file.read()


def sftp(deployment, name, askpass, password, code, *options):
    # Before -b, which would say yes to it.
    arguments = ["sftp", "-o", "BatchMode=no", "-b", "-", "-P", str(deployment.server.port)]
    arguments += ["BatchMode=no" if option == "BatchMode=yes" else option for option in deployment.ssh_options(name)]
    arguments += ["-o", "NumberOfPasswordPrompts=1", *options, f"{name}@127.0.0.1"]
    return subprocess.run(arguments, input="pwd\n", capture_output=True, text=True, timeout=60, check=False,
                          env=askpass.environment(password, code))


def with_openssh(deployment, secret):
    step("OpenSSH: password and code")
    askpass = Askpass(deployment, "nora")
    only = ["-o", "PreferredAuthentications=keyboard-interactive"]
    code = code_of(secret)
    done = sftp(deployment, "nora", askpass, PASSWORD, code, *only)
    check(done.returncode == 0 and "/home/nora" in done.stdout, f"no login: {done.stdout}{done.stderr}")
    check("Password:" in askpass.asked() and "Verification code:" in askpass.asked(), f"asked: {askpass.asked()}")
    step("the same code again, within its window")
    done = sftp(deployment, "nora", askpass, PASSWORD, code, *only)
    check(done.returncode != 0, "a code was good twice")
    step("a wrong code, and a password alone")
    check(sftp(deployment, "nora", askpass, PASSWORD, "000000", *only).returncode != 0, "a wrong code was good")
    done = sftp(deployment, "nora", askpass, PASSWORD, code, "-o", "PreferredAuthentications=password")
    check(done.returncode != 0, "the password alone was good")


def with_paramiko(deployment, name, secret):
    try:
        import paramiko
    except ImportError:
        raise Skip("python3-paramiko is not installed") from None
    step("paramiko: a key, partial success, then password and code")
    transport = paramiko.Transport(("127.0.0.1", deployment.server.port))
    transport.start_client(timeout=60)
    try:
        key = paramiko.Ed25519Key.from_private_key_file(deployment.path("keys", name))
        check(transport.auth_publickey(name, key) == ["keyboard-interactive"], "the key is not the first of two")
        check(not transport.is_authenticated(), "the key alone was enough")
        prompts = []

        def answer(_title, _instructions, asked):
            prompts.extend(text for text, _echo in asked)
            return [code_of(secret) if "code" in text else PASSWORD for text, _echo in asked]

        check(transport.auth_interactive(name, answer) == [], "more is wanted")
        check(prompts == ["Password: ", "Verification code: "], f"asked: {prompts}")
        check(paramiko.SFTPClient.from_transport(transport).normalize(".") == f"/home/{name}", "no session")
    finally:
        transport.close()


def story(programs):
    for program in ("oathtool", "ssh-keygen", "sftp"):
        need(program)
    with Deployment(programs) as deployment:
        deployment.init()
        secrets = {}
        for name in ("nora", "omar"):
            key = deployment.path("keys", name)
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "scenario", "-f", key], check=True)
            said = deployment.run("user", "add", name, "--key", key + ".pub", "--password-stdin", "--totp",
                                  stdin=PASSWORD + "\n").stdout
            secrets[name] = secret_of(said)
        deployment.run("user", "methods", "omar", "publickey,keyboard-interactive")
        deployment.start()
        with_openssh(deployment, secrets["nora"])
        with_paramiko(deployment, "omar", secrets["omar"])
        step("the journal says how they logged in")
        entries = eventually(lambda: deployment.read("journal", "list"), "the journal is read")
        methods = [detail["value"] for entry in entries if entry["event"] == "login_succeeded"
                   for detail in entry["details"] if detail["key"] == "method"]
        check(methods == ["keyboard-interactive", "publickey,keyboard-interactive"], f"methods: {methods}")
        text = str(entries)
        check(secrets["nora"] not in text and PASSWORD not in text, "a secret is in the journal's listing")
        deployment.verify_journal()


run(story)
