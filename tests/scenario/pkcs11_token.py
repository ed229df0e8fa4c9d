"""A root key in a token (SoftHSM): made and opened as an operator would, its PIN from a person and from systemd, tokens that are not
there, and the passphrase beside it.

    pkcs11_token.py FOLDER_OF_THE_BUILD_TREE
"""
import os
import shutil
import subprocess

from deployment import Deployment, Skip, check, eventually, need, run, step
from sealed_server import SealedServer

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PASSPHRASE = "four words that nobody guesses"
PIN = "4711-0815"


class Token:
    def __init__(self, folder):
        if not os.path.exists(MODULE):
            raise Skip("SoftHSM is not installed")
        self.tokens = os.path.join(folder, "tokens")
        self.conf = os.path.join(folder, "softhsm2.conf")
        os.makedirs(self.tokens)
        with open(self.conf, "w", encoding="ascii") as file:
            file.write(f"directories.tokendir = {self.tokens}\nlog.level = ERROR\n")
        self.run(need("softhsm2-util"), "--init-token", "--free", "--label", "the vault", "--pin", PIN, "--so-pin", "1234567890")
        self.run(need("pkcs11-tool"), "--module", MODULE, "--login", "--pin", PIN, "--keypairgen", "--key-type", "rsa:3072", "--label",
                 "bulkhead", "--usage-decrypt")
        self.options = ["--pkcs11-module", MODULE, "--pkcs11-key", "pkcs11:token=the%20vault;object=bulkhead",
                        "--pkcs11-environment", f"SOFTHSM2_CONF={self.conf}"]

    def run(self, *arguments):
        done = subprocess.run(arguments, env=os.environ | {"SOFTHSM2_CONF": self.conf}, capture_output=True, text=True)
        check(done.returncode == 0, f"{arguments[0]}: {done.stdout}{done.stderr}")

    def take_out(self):
        os.rename(self.tokens, self.tokens + "-elsewhere")
        os.mkdir(self.tokens)

    def put_in(self):
        os.rmdir(self.tokens)
        os.rename(self.tokens + "-elsewhere", self.tokens)


def start_sealed(deployment, seals):
    deployment.server = SealedServer(deployment)
    eventually(lambda: os.path.exists(os.path.join(deployment.data, "admin.sock")), "the vault listens")
    status = deployment.read("status", code=1)
    check(status["sealed"] and status["seal"] == seals, f"not sealed: {status}")
    return deployment.server


def unseal(deployment, words, *more, code=0):
    return deployment.run("unseal", "--passphrase-stdin", *more, stdin=words + "\n", code=code)


def works(deployment):
    deployment.sftp("ada", f'get hello "{deployment.path("back")}"\n')


def made_with_a_token(deployment, token):
    step("made with a token's seal; opened with its PIN")
    init = ["init", deployment.data, "--incident-key-out", deployment.path("incident-key"), "--root-key-out", deployment.path("root-key"),
            "--seal", "pkcs11", "--passphrase-stdin"]
    check("--pkcs11-module" in deployment.run(*init, stdin=PIN + "\n", code=2).stderr, "the module was not asked for")
    check("refuses the PIN" in deployment.run(*init, *token.options, stdin="0000\n", code=1).stderr, "a wrong PIN made a seal")
    said = deployment.run(*init, *token.options, stdin=PIN + "\n").stdout
    check("--add-seal passphrase" in said, f"no word of what a lost token costs: {said}")
    with open(deployment.path("root-key"), "rb") as file:
        check(PIN.encode() not in file.read(), "the PIN is in the root key's file")
    server = start_sealed(deployment, "pkcs11")
    check("refuses the PIN" in unseal(deployment, "0000", code=1).stderr, "a wrong PIN was taken")
    unseal(deployment, PIN)
    server.wait_until_ready()
    check(len(server.family()["bulkhead-keeper"]) == 1, "the token's process is still there")
    deployment.add_user("ada")
    with open(deployment.path("hello"), "w", encoding="ascii") as file:
        file.write("hello")
    deployment.sftp("ada", f'put "{deployment.path("hello")}" hello\n')
    step("a passphrase beside it; another root key under both")
    deployment.run("rekey", "--add-seal", "passphrase", "--open-with", "pkcs11", "--passphrase-stdin", stdin=f"{PIN}\n{PASSPHRASE}\n")
    deployment.run("rekey", "--root", "--passphrase-stdin", stdin=f"{PIN}\n{PASSPHRASE}\n")
    works(deployment)
    deployment.stop()


def systemd_gives_the_pin(deployment, token):
    step("with its PIN from systemd it starts with nobody there")
    credentials = deployment.path("credentials")
    os.mkdir(credentials, 0o700)
    with open(os.path.join(credentials, "bulkhead-pkcs11-pin"), "w", encoding="ascii") as file:
        file.write(PIN + "\n")
    environment = os.environ | {"CREDENTIALS_DIRECTORY": credentials}
    for _ in range(2):
        deployment.server = SealedServer(deployment, environment=environment)
        deployment.server.wait_until_ready()
        works(deployment)
        deployment.stop()
    step("a token that was taken out: said, and the passphrase opens; put in again it starts alone")
    token.take_out()
    deployment.server = SealedServer(deployment, environment=environment)
    eventually(lambda: "no token of that name" in "".join(deployment.server.log), "it is in the log")
    eventually(lambda: os.path.exists(os.path.join(deployment.data, "admin.sock")), "the vault listens")
    unseal(deployment, PASSPHRASE)
    deployment.server.wait_until_ready()
    works(deployment)
    deployment.stop()
    token.put_in()
    deployment.server = SealedServer(deployment, environment=environment)
    deployment.server.wait_until_ready()
    works(deployment)
    deployment.verify_journal()
    deployment.stop()


def loads_no_foreign_module(deployment, token):
    step("a module that others than root can change is not loaded")
    module = deployment.path("module.so")
    shutil.copy(MODULE, module)
    options = [module if option == MODULE else option for option in token.options]
    refused = deployment.run("rekey", "--add-seal", "pkcs11", *options, "--passphrase-stdin", stdin=f"{PASSPHRASE}\n{PIN}\n", code=1).stderr
    check("others than root can change" in refused, f"{refused}")


def story(programs):
    need("sftp")
    with Deployment(programs) as deployment:
        os.mkdir(deployment.path("token"))
        token = Token(deployment.path("token"))
        for part in (made_with_a_token, systemd_gives_the_pin, loads_no_foreign_module):
            part(deployment, token)


run(story)
