"""HTTPS with stock clients: curl, python's ssl and http.client, openssl s_client; certificates, the API, what TLS is not
spoken, what a containment does.

    https.py FOLDER_OF_THE_BUILD_TREE
"""
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import urllib.parse

from deployment import Deployment, check, eventually, make_file, need, run, sha256, step

PASSWORD = "correct horse & battery%"
MIB = 1 << 20


def url(deployment, path):
    return f"https://localhost:{deployment.server.https_port}{path}"


def curl(deployment, *arguments, code=0):
    done = subprocess.run(["curl", "-sS", "--cacert", deployment.path("ca.pem"), "--resolve",
                           f"localhost:{deployment.server.https_port}:127.0.0.1", *arguments],
                          capture_output=True, timeout=60, check=False)
    check(code is None or done.returncode == code, f"curl ended with {done.returncode}: {arguments}\n{done.stderr}")
    return done


def log_in_arguments(deployment, name, password=PASSWORD):
    return ["--data-urlencode", f"user={name}", "--data-urlencode", f"password={password}", "-o", "/dev/null", "-w",
            "%{http_code}\\n", url(deployment, "/api/v1/session")]


class Connection:
    """One connection, and so one log-in."""

    def __init__(self, deployment, context=None):
        context = context or ssl.create_default_context(cafile=deployment.path("ca.pem"))
        self.http = http.client.HTTPSConnection("localhost", deployment.server.https_port, context=context, timeout=60)

    def ask(self, method, path, body=None, headers=None, encode_chunked=False):
        self.http.request(method, path, body, headers or {}, encode_chunked=encode_chunked)
        answer = self.http.getresponse()
        return answer, answer.read()

    def log_in(self, name, password=PASSWORD, code=""):
        form = {"user": name, "password": password} | ({"code": code} if code else {})
        return self.ask("POST", "/api/v1/session", urllib.parse.urlencode(form),
                        {"Content-Type": "application/x-www-form-urlencoded"})[0].status


def fetch_ca(deployment):
    with open(deployment.path("ca.pem"), "w", encoding="ascii") as file:
        file.write(deployment.run("certificate", "show", "--pem").stdout)


def with_curl(deployment):
    step("curl: log in, put, list, get, get a part; one connection")
    large = make_file(deployment.path("large"), 70 * MIB + 12345)  # more than one extent
    back, part = deployment.path("back"), deployment.path("part")
    files = "/api/v1/files/home/nora"
    done = curl(deployment, *log_in_arguments(deployment, "nora"),
                "--next", "-sS", "--cacert", deployment.path("ca.pem"), "-T", large, "-w", "%{http_code}\\n", url(deployment, files + "/large%20one"),
                "--next", "-sS", "--cacert", deployment.path("ca.pem"), url(deployment, files + "/"),
                "--next", "-sS", "--cacert", deployment.path("ca.pem"), "-o", back, "-w", "%{http_code}\\n", url(deployment, files + "/large%20one"),
                "--next", "-sS", "--cacert", deployment.path("ca.pem"), "-o", part, "-r", "67108860-67108869", "-w", "%{http_code} %{num_connects}\\n",
                url(deployment, files + "/large%20one"))
    text = done.stdout.decode()
    check(text.startswith("200\n201\n{") and text.endswith("206 0\n"), f"not as it should be: {text}")
    check("large%20one" in text, text)
    check(sha256(back) == sha256(large), "another file came back")
    with open(large, "rb") as file:
        file.seek(67108860)
        check(open(part, "rb").read() == file.read(10), "not that part")
    step("curl: without a log-in on that connection there is nothing")
    done = curl(deployment, "-w", "%{http_code}", url(deployment, files + "/large%20one"))
    check(done.stdout.endswith(b"401"), f"{done.stdout}")
    done = curl(deployment, *log_in_arguments(deployment, "nora", "wrong"))
    check(done.stdout == b"401\n", f"{done.stdout}")
    step("the same file over SFTP")
    sftp_back = deployment.path("sftp-back")
    deployment.sftp("nora", f'get "large one" {sftp_back}\n')
    check(sha256(sftp_back) == sha256(large), "another file came over SFTP")


def with_python(deployment, secret):
    step("python: ranges, tags, conditions")
    connection = Connection(deployment)
    check(connection.log_in("nora") == 200, "no log-in")
    answer, _ = connection.ask("PUT", "/api/v1/files/home/nora/small", b"0123456789")
    check(answer.status == 201, f"{answer.status}")
    answer, got = connection.ask("GET", "/api/v1/files/home/nora/small")
    tag = answer.headers["ETag"]
    check(got == b"0123456789" and tag, f"{got} {answer.headers}")
    answer, got = connection.ask("GET", "/api/v1/files/home/nora/small", headers={"Range": "bytes=-3", "If-Range": tag})
    check(answer.status == 206 and got == b"789" and answer.headers["Content-Range"] == "bytes 7-9/10", f"{got}")
    answer, _ = connection.ask("GET", "/api/v1/files/home/nora/small", headers={"If-None-Match": tag})
    check(answer.status == 304, f"{answer.status}")
    answer, _ = connection.ask("GET", "/api/v1/files/home/nora/small", headers={"Range": "bytes=10-"})
    check(answer.status == 416 and answer.headers["Content-Range"] == "bytes */10", f"{answer.status}")
    answer, _ = connection.ask("PUT", "/api/v1/files/home/nora/small", iter([b"ab", b"cd"]), encode_chunked=True,
                               headers={"Transfer-Encoding": "chunked"})
    check(answer.status == 204, f"{answer.status}")
    answer, got = connection.ask("GET", "/api/v1/files/home/nora/small", headers={"Range": "bytes=1-2", "If-Range": tag})
    check(answer.status == 200 and got == b"abcd", "a part of another version was given")
    check(answer.headers["ETag"] != tag, "two versions have one tag")
    answer, _ = connection.ask("GET", "/api/v1/files/home/otto/")
    check(answer.status == 404, f"another's folder: {answer.status}")
    answer, listed = connection.ask("GET", "/api/v1/files/home/nora")
    names = {entry["name"] for entry in json.loads(listed)["entries"]}
    check({"small", "large one"} <= names, f"{names}")
    answer, _ = connection.ask("PUT", "/api/v1/files/home/nora/small", b"x", {"If-None-Match": "*"})
    check(answer.status == 412, f"{answer.status}")

    step("python: the connection is its first user's; the other has a second factor")
    connection = Connection(deployment)
    code = subprocess.run(["oathtool", "--totp", "--base32", secret], capture_output=True, text=True, check=True).stdout.strip()
    check(connection.log_in("otto") == 401, "the password alone was enough")
    check(connection.log_in("otto", code="000000") == 401, "a wrong code was good")
    check(connection.log_in("otto", code=code) == 200, "password and code are not enough")
    check(connection.log_in("nora") == 409, "a second user on one connection")
    answer, who = connection.ask("GET", "/api/v1/session")
    check(json.loads(who) == {"user": "otto", "home": "/api/v1/files/home/otto/"}, f"{who}")
    check(Connection(deployment).log_in("otto", code=code) == 401, "a code was good twice")

    step("python: half an upload leaves nothing")
    connection = Connection(deployment)
    check(connection.log_in("nora") == 200, "no log-in")
    connection.http.putrequest("PUT", "/api/v1/files/home/nora/half")
    connection.http.putheader("Content-Length", str(MIB))
    connection.http.endheaders(b"x" * 100_000)
    connection.http.close()
    other = Connection(deployment)
    check(other.log_in("nora") == 200, "no log-in")
    eventually(lambda: other.ask("GET", "/api/v1/files/home/nora/half")[0].status == 404, "half a file is gone")


def tls(deployment):
    step("openssl: TLS 1.3 and nothing else; nothing is resumed")
    port = str(deployment.server.https_port)

    def client(*arguments, said=""):
        return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost",
                               "-CAfile", deployment.path("ca.pem"), *arguments], input=said, capture_output=True,
                              text=True, timeout=60, check=False)

    text = client("-verify_return_error", "-brief").stderr
    check("TLSv1.3" in text and "Verification: OK" in text, text)
    for old in ("-tls1_2", "-tls1_1", "-tls1"):
        done = client(old, "-cipher", "ALL:@SECLEVEL=0")
        check("no peer certificate available" in done.stdout and "BEGIN CERTIFICATE" not in done.stdout, f"{old}: {done.stdout}")
    text = client("-reconnect").stdout
    check("Reused" not in text and "New, TLSv1.3" in text, f"something was resumed: {text}")
    text = client("-early_data", "/dev/null").stdout
    check("Early data was accepted" not in text, text)
    check("NewSessionTicket" not in client("-msg").stdout, "a ticket was given")
    text = client("-renegotiate", said="R\n").stdout  # R: renegotiate, which TLS 1.3 has not
    check("RENEGOTIATING" not in text or "verify return" not in text.split("RENEGOTIATING")[1], text)

    step("python: every suite and group; none of TLS 1.2's")
    for group, suite in (("x25519", "TLS_AES_128_GCM_SHA256"), ("prime256v1", "TLS_AES_256_GCM_SHA384"),
                         ("secp384r1", "TLS_CHACHA20_POLY1305_SHA256")):
        context = ssl.create_default_context(cafile=deployment.path("ca.pem"))
        if group != "x25519":
            context.set_ecdh_curve(group)
        with socket.create_connection(("127.0.0.1", int(port))) as plain, \
                context.wrap_socket(plain, server_hostname="localhost") as connection:
            check(connection.version() == "TLSv1.3" and not connection.session_reused, connection.version())
        done = client("-brief", "-ciphersuites", suite)
        check(suite in done.stderr, f"{suite}: {done.stderr}")
    context = ssl.create_default_context(cafile=deployment.path("ca.pem"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        Connection(deployment, context).ask("GET", "/healthz")
        check(False, "TLS 1.2 was spoken")
    except (ssl.SSLError, ConnectionError):
        pass
    step("a plain client, and one that says nothing sensible")
    for said in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"SSH-2.0-x\r\n", os.urandom(1000)):
        with socket.create_connection(("127.0.0.1", int(port)), timeout=30) as plain:
            plain.sendall(said)
            heard = b""
            try:
                while more := plain.recv(4096):
                    heard += more
            except ConnectionError:
                pass
            check(b"HTTP" not in heard and b"Bulkhead" not in heard, f"{heard}")


def smuggling(deployment):
    step("what could be two requests to somebody is none, and the end")
    context = ssl.create_default_context(cafile=deployment.path("ca.pem"))
    hidden = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for fields in (f"Content-Length: {len(hidden)}\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 0\r\nContent-Length: 5\r\n",
                   "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "Transfer-Encoding : chunked\r\n",
                   "Transfer-Encoding: chunked\n", "X: y\r\n Content-Length: 3\r\n"):
        with socket.create_connection(("127.0.0.1", deployment.server.https_port), timeout=30) as plain, \
                context.wrap_socket(plain, server_hostname="localhost") as connection:
            connection.sendall(f"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n{hidden}".encode())
            heard = b""
            while more := connection.recv(4096):
                heard += more
            check(heard.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")) and heard.count(b"HTTP/1.1") == 1, f"{fields}: {heard}")


def certificates(deployment):
    step("a certificate of an authority, for a new key, while it serves")
    ca = deployment.path("authority")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                    "-subj", "/CN=Test authority", "-keyout", ca + ".key", "-out", ca + ".pem"], check=True, capture_output=True)
    request = deployment.path("request.pem")
    deployment.run("certificate", "request", "localhost", "127.0.0.1", "--new-key", "--out", request)
    done = subprocess.run(["openssl", "req", "-in", request, "-verify", "-noout", "-text"], capture_output=True, text=True, check=True)
    check("DNS:localhost, IP Address:127.0.0.1" in done.stdout, done.stdout)
    check(Connection(deployment).ask("GET", "/healthz")[0].status == 200, "the old certificate serves meanwhile")
    chain = deployment.path("chain.pem")
    made = subprocess.run(["openssl", "x509", "-req", "-in", request, "-CA", ca + ".pem", "-CAkey", ca + ".key", "-days", "20",
                           "-copy_extensions", "copy"], capture_output=True, text=True, check=True).stdout
    with open(chain, "w", encoding="ascii") as file, open(ca + ".pem", encoding="ascii") as issuer:
        file.write(made + issuer.read())
    deployment.run("certificate", "set", ca + ".pem", code=2)
    deployment.run("certificate", "set", request, code=1)
    empty = request + ".empty"
    open(empty, "w").close()
    check("there is no certificate in it" in deployment.run("certificate", "set", empty, code=1).stderr, "an empty file is not one")
    deployment.run("certificate", "set", chain)
    shown = deployment.read("certificate", "show")
    check([each["subject"] for each in shown] == ["CN = localhost", "CN = Test authority"], f"{shown}")
    check(deployment.run("status", code=None).stdout.find("expires in") > 0, "a certificate of 20 days is worth a word")
    os.replace(ca + ".pem", deployment.path("ca.pem"))
    check(Connection(deployment).ask("GET", "/healthz")[0].status == 200, "the new certificate does not serve")


def containment(deployment):
    step("a containment of the listener: cut off, and the password is worth nothing any more")
    connection = Connection(deployment)
    check(connection.log_in("nora") == 200, "no log-in")
    said = deployment.read("incident", "contain", "--listener", "https")
    check(said["passwords_disabled"] == ["nora"], f"{said}")
    try:
        connection.ask("GET", "/api/v1/session")
        check(False, "the connection goes on")
    except (ConnectionError, http.client.HTTPException, ssl.SSLError):
        pass
    check(Connection(deployment).log_in("nora") == 401, "a contained listener lets in")
    deployment.run("incident", "lift", "--listener", "https")
    check(Connection(deployment).log_in("nora") == 401, "the password still works")
    deployment.sftp("nora", "ls\n")  # the key does


def journal(deployment):
    step("the journal: who came how, what was read")
    entries = deployment.read("journal", "list")
    opened = {entry["session"] for entry in entries if entry["event"] == "session_opened"
              and any(detail["value"] == "https" for detail in entry["details"])}
    read = [entry for entry in entries if entry["event"] == "extents_released" and entry["session"] in opened]
    check(len(opened) > 5 and read, f"{len(opened)} sessions, {len(read)} releases")
    check(PASSWORD not in json.dumps(entries), "a password is in the journal")
    deployment.verify_journal()


def story(programs):
    for program in ("curl", "openssl", "oathtool", "ssh-keygen", "sftp"):
        need(program)
    with Deployment(programs) as deployment:
        deployment.init()
        deployment.set("penalties", "exempt", '"127.0.0.1"')
        deployment.set("listen", "https", '"127.0.0.1:0"')
        deployment.add_user("nora", password=PASSWORD)
        said = deployment.run("user", "add", "otto", "--password-stdin", "--totp", stdin=PASSWORD + "\n").stdout
        secret = re.search(r"secret=([A-Z2-7]+)&", said).group(1)
        deployment.start()
        check(deployment.server.https_port is not None, "there is no HTTPS")
        fetch_ca(deployment)
        with_curl(deployment)
        with_python(deployment, secret)
        tls(deployment)
        smuggling(deployment)
        certificates(deployment)
        containment(deployment)
        journal(deployment)
        deployment.stop()


run(story)
