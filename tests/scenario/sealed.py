"""A root key under a passphrase: a start that serves nobody until somebody unseals it; changing the seal; systemd's way.

    sealed.py FOLDER_OF_THE_BUILD_TREE
"""
import os

from deployment import Deployment, check, eventually, need, run, step
from sealed_server import SealedServer

PASSPHRASE = "four words that nobody guesses"
NEW = "another four words"


def start(deployment, **more):
    deployment.server = SealedServer(deployment, **more)
    return deployment.server


def sealed_status(deployment):
    eventually(lambda: os.path.exists(os.path.join(deployment.data, "admin.sock")), "the vault listens")
    status = deployment.read("status", code=1)
    check(status["sealed"] and status["serving"] and status["seal"] == "passphrase", f"not sealed: {status}")


def unseal(deployment, passphrase, code=0):
    return deployment.run("unseal", "--passphrase-stdin", stdin=passphrase + "\n", code=code)


def init(deployment):
    deployment.run("init", deployment.data, "--incident-key-out", deployment.path("incident-key"), "--root-key-out",
                   deployment.path("root-key"), "--seal", "passphrase", "--passphrase-stdin", stdin=PASSPHRASE + "\n")
    with open(deployment.path("root-key"), encoding="ascii") as file:
        check(file.read().startswith("bulkhead-sealed-root-key-1\nseal passphrase\n"), "the root key is not sealed")


def serves_only_when_unsealed(deployment):
    step("sealed after a start: status says so, commands are refused, a wrong passphrase too")
    server = start(deployment)
    sealed_status(deployment)
    check("unseal" in deployment.run("user", "list", code=1).stderr, "a command was not refused for the seal")
    check("does not open" in unseal(deployment, "a guess", code=1).stderr, "a wrong passphrase was taken")
    sealed_status(deployment)
    step("unsealed: clients come in")
    unseal(deployment, PASSPHRASE)
    server.wait_until_ready()
    deployment.add_user("ada")
    with open(deployment.path("hello"), "w", encoding="ascii") as file:
        file.write("hello")
    deployment.sftp("ada", f'put "{deployment.path("hello")}" hello\n')
    check("not sealed" in unseal(deployment, PASSPHRASE).stdout, "unsealing twice is an error")
    status = deployment.read("status", code=3)
    check(not status["sealed"] and status["seal"] == "passphrase", f"{status}")


def contained_stays_sealed(deployment):
    step("after a containment the passphrase opens nothing")
    deployment.run("incident", "contain")
    check("containment" in unseal(deployment, PASSPHRASE, code=1).stderr, "it was unsealed")
    deployment.stop()
    server = start(deployment)
    sealed_status(deployment)
    unseal(deployment, PASSPHRASE)
    server.wait_until_ready()
    check(deployment.read("status", code=3)["sealed"], "the start unsealed what is contained")
    deployment.stop()


def stops_while_sealed(deployment):
    step("it stops while it is sealed; and without a server commands say what to do")
    server = start(deployment)
    sealed_status(deployment)
    check(server.stop() == 0, f"{server.log}")
    check("unseal" in deployment.run("user", "list", code=1).stderr, "no advice")
    check(deployment.read("status", code=1)["serving"] is False, "it says that a server runs")
    check("no server runs" in unseal(deployment, PASSPHRASE, code=1).stderr, "no advice")


def changes_the_seal(deployment):
    step("another passphrase, then none, then as systemd would hand it over")
    rekey = ["rekey", "--passphrase-stdin", "--seal"]
    deployment.run(*rekey, "passphrase", stdin=f"a guess\n{NEW}\n", code=1)
    deployment.run(*rekey, "passphrase", stdin=f"{PASSPHRASE}\n{NEW}\n")
    server = start(deployment)
    sealed_status(deployment)
    unseal(deployment, PASSPHRASE, code=1)
    unseal(deployment, NEW)
    server.wait_until_ready()
    deployment.stop()
    deployment.run(*rekey, "file", stdin=NEW + "\n")
    deployment.run("incident", "lift")
    deployment.start()
    status = deployment.read("status", code=3)
    check(any("plain file" in warning for warning in status["warnings"]), f"no warning: {status}")
    deployment.sftp("ada", "get hello " + deployment.path("back") + "\n")
    deployment.stop()
    credentials = deployment.path("credentials")
    os.mkdir(credentials, 0o700)
    os.rename(deployment.path("root-key"), os.path.join(credentials, "bulkhead-root-key"))
    os.chmod(os.path.join(credentials, "bulkhead-root-key"), 0o440)
    deployment.set("keys", "root_key_file", '"credential:bulkhead-root-key"')
    start(deployment, environment=os.environ | {"CREDENTIALS_DIRECTORY": credentials}).wait_until_ready()
    status = deployment.read("status", code=3)
    check(status["seal"] == "credential", f"{status}")
    check(not any("plain file" in warning for warning in status["warnings"]), f"{status}")
    deployment.stop()
    server = start(deployment)
    check(server.wait() == 1 and "LoadCredentialEncrypted" in "".join(server.log), f"{server.log}")


def story(programs):
    need("sftp")
    with Deployment(programs) as deployment:
        init(deployment)
        for part in (serves_only_when_unsealed, contained_stays_sealed, stops_while_sealed, changes_the_seal):
            part(deployment)


run(story)
