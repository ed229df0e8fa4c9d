"""The journal on a real syslog server, over TLS: all of it, in order, after interruptions too, and only to the right server.

    syslog.py FOLDER_OF_THE_BUILD_TREE
"""
import datetime
import ipaddress
import json
import os
import re
import signal
import socket
import subprocess
import sys

from deployment import TIMEOUT_S, Deployment, check, eventually, need, run, step

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID
except ImportError:
    print("SKIPPED: python3-cryptography is not installed")
    sys.exit(77)


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, 0o600)


def certificate(folder, name, issuer=None, names=()):
    """Makes NAME.pem and NAME.key; returns (certificate, key)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer[0].subject if issuer else subject)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=30))
               .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(names)), critical=False)
    made = builder.sign(issuer[1] if issuer else key, hashes.SHA256())
    write(os.path.join(folder, f"{name}.pem"), made.public_bytes(serialization.Encoding.PEM))
    write(os.path.join(folder, f"{name}.key"), key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return made, key


class Rsyslog:
    """rsyslogd with TLS on a port of 127.0.0.1; what it takes goes to a file, one message a line."""

    def __init__(self, d, port):
        self.d, self.port = d, port
        self.output = d.path("received")
        config = d.path("rsyslog.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"""
global(workDirectory="{d.folder}" maxMessageSize="128k" DefaultNetstreamDriver="gtls"
       DefaultNetstreamDriverCAFile="{d.path('authority.pem')}" DefaultNetstreamDriverCertFile="{d.path('server.pem')}"
       DefaultNetstreamDriverKeyFile="{d.path('server.key')}")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="x509/certvalid")
input(type="imtcp" address="127.0.0.1" port="{port}")
template(name="all" type="string" string="%pri% %timestamp:::date-rfc3339% %app-name% %msgid% %msg%\\n")
action(type="omfile" file="{self.output}" template="all")
""")
        self.process = subprocess.Popen([need("rsyslogd"), "-n", "-f", config, "-i", d.path("rsyslog.pid")],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        eventually(self.listening, "rsyslog listens")

    def listening(self):
        check(self.process.poll() is None, "rsyslog ended")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def messages(self):
        """[(message id, what it holds)] of what is in the file so far."""
        if not os.path.exists(self.output):
            return []
        with open(self.output, encoding="utf-8") as file:
            lines = [line for line in file if line.endswith("\n") and " bulkhead " in line]
        return [(line.split(" ", 4)[3], json.loads(line.split(" ", 4)[4])) for line in lines]

    def entries(self):
        return [held["entry"] for _, held in self.messages() if "entry" in held]

    def stop(self):
        self.process.terminate()
        self.process.wait(TIMEOUT_S)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def certificates(d):
    authority = certificate(d.folder, "authority")
    certificate(d.folder, "server", authority, [x509.DNSName("logs.example"),
                                                x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate(d.folder, "client", authority)
    certificate(d.folder, "stranger")


def configure(d, port):
    for name, value in (("server", f"127.0.0.1:{port}"), ("server_name", "logs.example"), ("ca_file", d.path("authority.pem")),
                        ("certificate_file", d.path("client.pem")), ("key_file", d.path("client.key"))):
        d.set("syslog", name, json.dumps(value))


def all_there(d, server, what):
    """Every entry that was forwarded is in the file; at least once, and in order."""
    with open(os.path.join(d.data, "journal-forwarded"), encoding="utf-8") as file:
        forwarded = int(re.fullmatch(r"bulkhead journal forwarded, format 1: (\d+)\n", file.read()).group(1))
    eventually(lambda: set(server.entries()) >= set(range(forwarded)), f"{what}: {forwarded} entries arrived")
    seen = -1
    for entry in server.entries():
        check(entry <= seen + 1, f"{what}: entry {entry} came before {seen + 1}")
        seen = max(seen, entry)
    return forwarded


def refused_servers(d):
    step("a server whose certificate is another's gets nothing")
    d.set("syslog", "server_name", '"other.example"')
    said = d.run("journal", "forward", "--once", code=1).stderr
    check("certificate is not accepted" in said, said)
    d.set("syslog", "server_name", '"logs.example"')
    d.set("syslog", "ca_file", json.dumps(d.path("stranger.pem")))
    said = d.run("journal", "forward", "--once", code=1).stderr
    check("certificate is not accepted" in said, said)
    d.set("syslog", "ca_file", json.dumps(d.path("authority.pem")))


def once(d, server):
    step("what there is, then what is new")
    first = d.run("journal", "forward", "--once").stdout
    forwarded = all_there(d, server, "at first")
    check(str(forwarded) in first, first)
    names = [held["details"].get("name") for event, held in server.messages() if event == "user_added"]
    check(names == ["rita"], f"the name of a user is {names}")
    notes = [held["checkpoint"] for event, held in server.messages() if event == "checkpoint"]
    check(len(notes) == 1, "no checkpoint came with them")
    with open(d.path("arrived"), "w", encoding="utf-8") as file:
        file.write(notes[0])
    d.run("journal", "verify", "--checkpoint", d.path("arrived"))
    check(not any("has left this machine" in text for text in d.read("status", code=None)["warnings"]),
          "status does not count the checkpoint that left")
    d.run("user", "add", "later", "--key", d.path("keys", "rita.pub"))
    d.run("journal", "forward", "--once")
    check(all_there(d, server, "afterwards") > forwarded, "nothing new came")
    check(len(server.entries()) == len(set(server.entries())), "something came twice without need")


def interrupted(d, server):
    step("the syslog server goes and comes back, the forwarder is killed: nothing is missing")
    d.start()
    environment = dict(os.environ, BULKHEAD_DATA=d.data)
    log = open(d.path("forward.log"), "w", encoding="utf-8")
    forward = subprocess.Popen([d.bulkhead, "journal", "forward"], env=environment, stdin=subprocess.DEVNULL,
                               stdout=log, stderr=log)
    try:
        for number in range(3):
            d.run("folder", "add", f"/before{number}")
        server.stop()
        for number in range(3):
            d.run("folder", "add", f"/meanwhile{number}")
        server = Rsyslog(d, server.port)
        eventually(lambda: sum(event == "folder_made" for event, _ in server.messages()) >= 6, "the folders arrived")
        forward.send_signal(signal.SIGKILL)
        forward.wait(TIMEOUT_S)
        d.run("folder", "add", "/after")
        forward = subprocess.Popen([d.bulkhead, "journal", "forward"], env=environment, stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log)
        eventually(lambda: any(held.get("details", {}).get("name") == "after" for _, held in server.messages()),
                   "what came after the kill arrived")
        again = d.run("journal", "forward", "--once", code=1).stderr
        check("another process forwards" in again, again)
        forward.send_signal(signal.SIGTERM)
        check(forward.wait(TIMEOUT_S) == 0, "SIGTERM is no clean end")
        all_there(d, server, "in the end")
    finally:
        if forward.poll() is None:
            forward.kill()
            forward.wait()
        log.close()
    d.stop()
    return server


def rolled_back(d):
    step("a journal that is shorter than what was forwarded is an alarm")
    with open(os.path.join(d.data, "journal-forwarded"), "w", encoding="utf-8") as file:
        file.write("bulkhead journal forwarded, format 1: 100000\n")
    check("rolled back" in d.run("journal", "forward", "--once", code=1).stderr, "not said")


def story(programs):
    need("rsyslogd")
    if not os.path.exists("/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so"):
        print("SKIPPED: rsyslog-gnutls is not installed")
        sys.exit(77)
    with Deployment(programs) as d:
        certificates(d)
        d.init()
        d.add_user("rita")
        check("syslog.server" in d.run("journal", "forward", code=2).stderr, "nothing is configured, and nothing said")
        port = free_port()
        configure(d, port)
        check("connecting to 127.0.0.1" in d.run("journal", "forward", "--once", code=1).stderr, "nobody listens")
        server = Rsyslog(d, port)
        try:
            refused_servers(d)
            check(server.entries() == [], "a refused server got something")
            once(d, server)
            server = interrupted(d, server)
            rolled_back(d)
        finally:
            server.stop()


run(story)
