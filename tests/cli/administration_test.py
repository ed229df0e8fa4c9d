#!/usr/bin/env python3
"""Drives the installed command against real deployments: administration_test.py PATH_OF_BULKHEAD [unittest options].

No server runs unless a test starts one: each command then has a vault of its own for the moment.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BULKHEAD = ""
TIMEOUT_S = 60
# Made for these tests; the private halves were thrown away.
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDmVjVrDemUGqFbhgzI67T8rT4BI5b7aRjD5kIh0CqkN somebody@example\n"


class Deployment(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="bulkhead-cli-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data = self.path("deployment")
        self.key = self.path("key.pub")
        with open(self.key, "w", encoding="ascii") as file:
            file.write(KEY)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_command(self, *arguments, code=0, stdin="", data=True):
        environment = {k: v for k, v in os.environ.items() if k not in ("BULKHEAD_DATA", "TZ")}
        if data:
            environment["BULKHEAD_DATA"] = self.data
        done = subprocess.run([BULKHEAD, *arguments], input=stdin, capture_output=True, text=True, timeout=TIMEOUT_S,
                              env=environment, check=False)
        self.assertEqual(done.returncode, code, f"bulkhead {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done

    def refused(self, *arguments, code=1, stdin="", data=True):
        """Runs a command that must fail with exactly one sentence, and returns that."""
        done = self.run_command(*arguments, code=code, stdin=stdin, data=data)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"\Abulkhead: [^\n]+\n\Z")
        return done.stderr

    def read(self, *arguments, code=0):
        return json.loads(self.run_command(*arguments, "--json", code=code).stdout)

    def init(self):
        return self.run_command("init", self.data, "--incident-key-out", self.path("incident-key"), data=False).stdout


class Init(Deployment):
    def test_makes_a_deployment_and_two_keys_and_says_what_to_keep(self):
        text = self.init()
        for part in (self.data, self.data + ".root-key", self.path("incident-key")):
            self.assertIn(part, text)
        for path in (self.data + ".root-key", self.path("incident-key")):
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(self.data).st_mode & 0o077, 0)
        with open(self.path("incident-key"), encoding="ascii") as file:
            identity = file.read()
        self.assertIn("AGE-SECRET-KEY-1", identity)
        organisations = self.read("org", "list")
        self.assertEqual([o["name"] for o in organisations], ["main"])
        self.assertIn(f"# public key: {organisations[0]['incident_recipients'][0]}\n", identity)
        if shutil.which("age-keygen"):
            public = subprocess.run(["age-keygen", "-y", self.path("incident-key")], capture_output=True, text=True,
                                    timeout=TIMEOUT_S, check=True).stdout.strip()
            self.assertEqual([public], organisations[0]["incident_recipients"])

    def test_places_and_names_of_ones_own(self):
        self.run_command("init", self.data + "/", "--incident-key-out", self.path("i"), "--root-key-out", self.path("r"),
                         "--organisation", "state-agency", data=False)
        self.assertTrue(os.path.exists(self.path("r")))
        self.assertFalse(os.path.exists(self.data + ".root-key"))
        self.assertEqual(self.read("org", "list")[0]["name"], "state-agency")

    def test_a_second_init_changes_nothing(self):
        self.init()
        with open(self.data + ".root-key", "rb") as file:
            before = file.read()
        self.assertIn("is not empty", self.refused("init", self.data, "--incident-key-out", self.path("other")))
        self.assertFalse(os.path.exists(self.path("other")))
        with open(self.data + ".root-key", "rb") as file:
            self.assertEqual(file.read(), before)

    def test_a_failed_init_leaves_no_incident_key(self):
        message = self.refused("init", self.path("missing") + "/further/deployment", "--root-key-out",
                               "/nonexistent/folder/key", "--incident-key-out", self.path("incident-key"))
        self.assertTrue(message)
        self.assertFalse(os.path.exists(self.path("incident-key")))


class People(Deployment):
    def setUp(self):
        super().setUp()
        self.init()

    def test_organisations(self):
        recipient = self.read("org", "list")[0]["incident_recipients"][0]
        self.run_command("org", "add", "insurer", "--incident-recipient", recipient)
        self.assertEqual(self.read("org", "show", "insurer"),
                         {"name": "insurer", "users": 0, "incident_recipients": [recipient],
                          "key_epoch": 1, "file_keys_to_rewrap": 0, "keys_destroyed": False})
        self.assertIn("already", self.refused("org", "add", "insurer", "--incident-recipient", recipient))
        self.assertIn("public half", self.refused("org", "add", "x", "--incident-recipient", "AGE-SECRET-KEY-1X", code=2))
        self.assertIn("no organisation", self.refused("org", "show", "nobody"))
        self.assertIn("has no incident key", self.run_command("org", "add", "keyless").stderr)

    def test_users(self):
        self.run_command("user", "add", "alice", "--key", self.key)
        self.run_command("user", "add", "bob", "--password-stdin", "--role", "officer", stdin="correct horse battery\n")
        users = {user["name"]: user for user in self.read("user", "list")}
        self.assertEqual(set(users), {"alice", "bob"})
        self.assertEqual(users["alice"]["home"], "/home/alice")
        self.assertEqual(users["alice"]["organisation"], "main")
        self.assertEqual(len(users["alice"]["keys"]), 1)
        self.assertTrue(users["alice"]["keys"][0].startswith("ssh-ed25519 SHA256:"))
        self.assertEqual((users["bob"]["has_password"], users["bob"]["role"]), (True, "officer"))
        self.assertGreater(users["alice"]["budget"]["bytes_per_day"], 0)

        self.run_command("user", "disable", "alice")
        self.assertTrue(self.read("user", "show", "alice")["disabled"])
        self.run_command("user", "enable", "alice")
        self.assertFalse(self.read("user", "show", "alice")["disabled"])
        self.run_command("user", "passwd", "alice", stdin="another long password\n")
        self.assertTrue(self.read("user", "show", "alice")["has_password"])
        self.run_command("user", "remove", "bob")
        self.assertEqual([user["name"] for user in self.read("user", "list")], ["alice"])
        self.assertIn("no user", self.refused("user", "show", "bob"))

    def test_second_factor_and_methods(self):
        said = self.run_command("user", "add", "alice", "--key", self.key, "--password-stdin", "--totp",
                                "--methods", "publickey,keyboard-interactive",
                                stdin="correct horse battery\n").stdout
        self.assertIn("otpauth://totp/Bulkhead:alice?secret=", said)
        alice = self.read("user", "show", "alice")
        self.assertEqual((alice["has_totp"], alice["login_methods"]), (True, ["publickey,keyboard-interactive"]))
        self.assertNotIn("secret", json.dumps(alice))
        self.run_command("user", "methods", "alice", "publickey", "keyboard-interactive")
        self.assertEqual(self.read("user", "show", "alice")["login_methods"], ["publickey", "keyboard-interactive"])
        self.run_command("user", "methods", "alice", "--any")
        self.assertEqual(self.read("user", "show", "alice")["login_methods"], [])
        self.assertIn("publickey, password and keyboard-interactive",
                      self.refused("user", "methods", "alice", "gssapi", code=2))
        self.assertIn("twice", self.refused("user", "methods", "alice", "publickey,publickey", code=2))
        self.refused("user", "methods", "alice", code=2)
        self.assertNotEqual(said.split("secret=")[1], self.run_command("user", "totp", "alice").stdout.split("secret=")[1])
        self.run_command("user", "totp", "alice", "--remove")
        self.assertFalse(self.read("user", "show", "alice")["has_totp"])
        changes = [e for e in self.read("journal", "list") if e["event"] == "user_changed"]
        self.assertIn("removed", json.dumps(changes[-1]))

    def test_what_a_user_may_not_be(self):
        self.run_command("user", "add", "alice", "--key", self.key)
        self.assertIn("already", self.refused("user", "add", "alice", "--key", self.key))
        self.assertIn("nothing to log in with", self.refused("user", "add", "bob", code=2))
        self.refused("user", "add", "../bob", "--key", self.key, code=2)
        self.refused("user", "add", "bob", "--password-stdin", stdin="short\n", code=2)
        self.refused("user", "add", "bob", "--key", self.key, "--org", "nobody")
        self.assertIn("No such file", self.refused("user", "add", "bob", "--key", self.path("missing")))
        self.assertEqual([user["name"] for user in self.read("user", "list")], ["alice"])

    def test_folders_and_rights(self):
        for name in ("alice", "bob"):
            self.run_command("user", "add", name, "--key", self.key)
        self.run_command("folder", "add", "/extracts/daily", "--member", "alice:write,read", "--member", "bob:list")

        def rights():
            return {m["user"]: m["rights"] for m in self.read("folder", "list", "/extracts/daily")[0]["members"]}
        self.assertEqual(rights(), {"alice": "read,write", "bob": "list"})
        self.run_command("folder", "grant", "/extracts/daily", "--member", "bob:read,list")
        self.assertEqual(rights(), {"alice": "read,write", "bob": "read,list"})
        self.run_command("folder", "revoke", "/extracts/daily", "--member", "alice")
        self.assertEqual(rights(), {"bob": "read,list"})
        paths = [folder["path"] for folder in self.read("folder", "list")]
        self.assertEqual(paths, sorted(paths))
        self.assertIn("/home/alice", paths)

        self.assertIn("no such folder", self.refused("folder", "grant", "/nowhere", "--member", "bob:read"))
        self.assertIn("no user", self.refused("folder", "grant", "/extracts", "--member", "carol:read"))
        self.assertIn("already", self.refused("folder", "add", "/extracts/daily"))
        self.refused("folder", "add", "relative", code=2)
        self.refused("folder", "grant", "/extracts", "--member", "bob:everything", code=2)

    def test_names_are_shown_without_their_teeth(self):
        self.run_command("folder", "add", "/odd\x1b[2J\u202ename")
        shown = self.run_command("folder", "list").stdout
        self.assertIn("/odd\\x1b[2J\\xe2\\x80\\xaename", shown)
        self.assertIn("/odd\x1b[2J\u202ename", [folder["path"] for folder in self.read("folder", "list")])


class JournalAndStatus(Deployment):
    def setUp(self):
        super().setUp()
        self.init()

    def test_journal(self):
        self.run_command("user", "add", "alice", "--key", self.key)
        entries = self.read("journal", "list")
        self.assertEqual([e["entry"] for e in entries], list(range(len(entries))))
        self.assertEqual(entries[0]["event"], "deployment_created")
        added = [e for e in entries if e["event"] == "user_added"]
        self.assertIn({"key": "name", "value": "alice"}, added[0]["details"])
        self.assertEqual([e["entry"] for e in self.read("journal", "list", "--from", "1", "--most", "2")], [1, 2])
        local = self.read("journal", "list", "--most", "1", "--tz", "Asia/Kathmandu")[0]["at"]
        self.assertTrue(local.endswith("+05:45"), local)

        verdict = self.read("journal", "verify")
        self.assertTrue(verdict["good"])
        self.assertGreaterEqual(verdict["entries"], len(entries))
        before = verdict["checkpoints"]
        self.run_command("journal", "checkpoint")
        self.assertGreater(self.read("journal", "verify")["checkpoints"], before)

    def test_a_journal_that_was_tampered_with_does_not_pass(self):
        self.run_command("user", "add", "alice", "--key", self.key)
        folder = os.path.join(self.data, "journal")
        largest = max((os.path.join(folder, name) for name in os.listdir(folder)), key=os.path.getsize)
        with open(largest, "r+b") as file:
            contents = file.read()
            file.seek(len(contents) // 3)
            file.write(bytes([contents[len(contents) // 3] ^ 1]))
        done = subprocess.run([BULKHEAD, "journal", "verify", "--data", self.data], capture_output=True, text=True,
                              timeout=TIMEOUT_S, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith("bulkhead: "), done.stderr)

    def test_status(self):
        status = self.read("status", code=3)  # no checkpoint leaves this machine
        self.assertFalse(status["serving"])
        self.assertEqual((status["users"], status["organisations"], status["failures"]), (0, 1, []))
        self.assertTrue(any("checkpoint" in warning for warning in status["warnings"]))
        self.assertIn("not running", self.run_command("status", code=3).stdout)

    def test_incidents(self):
        self.run_command("user", "add", "alice", "--key", self.key)
        self.run_command("incident", "open", "INC-1", "--note", "a stolen key")
        self.assertIn("no session s-7", self.refused("incident", "open", "INC-2", "--session", "7"))
        self.run_command("incident", "contain", "--user", "alice")
        self.assertEqual(self.read("incident", "status")["users"], ["alice"])
        self.run_command("incident", "contain")
        self.assertTrue(self.read("incident", "status")["contained"])
        self.run_command("incident", "lift")
        self.run_command("incident", "lift", "--user", "alice")
        self.assertIn("nothing is contained", self.run_command("incident", "status").stdout)

    def test_nothing_was_released_yet(self):
        self.assertEqual(self.read("transfers"), [])
        key = self.path("incident-key")
        self.assertIn("Nothing was released", self.run_command("exposure", "--incident-key", key).stdout)
        self.refused("exposure", "--incident-key", self.data + ".root-key", code=2)
        # A session that never was and one of another organisation look the same.
        done = self.run_command("exposure", "--incident-key", key, "--session", "s-99")
        self.assertIn("Nothing was released", done.stdout)
        self.assertIn("looks the same", done.stderr)


class Trouble(Deployment):
    def test_no_deployment_there(self):
        self.assertIn("no deployment", self.refused("status"))
        os.mkdir(self.data)
        self.assertIn("is not a Bulkhead deployment", self.refused("status"))

    def test_missing_root_key(self):
        self.init()
        os.rename(self.data + ".root-key", self.path("elsewhere"))
        self.assertIn("root key", self.refused("user", "list"))
        os.rename(self.path("elsewhere"), self.data + ".root-key")
        self.assertEqual(self.read("user", "list"), [])

    def test_wrong_or_readable_root_key(self):
        self.init()
        os.chmod(self.data + ".root-key", 0o644)
        self.assertIn("chmod 600", self.refused("user", "list"))
        with open(self.data + ".root-key", "w", encoding="ascii") as file:
            file.write("bulkhead-root-key-1 " + "00" * 32 + "\n")
        os.chmod(self.data + ".root-key", 0o600)
        self.refused("user", "list")

    def test_newer_format(self):
        self.init()
        path = os.path.join(self.data, "format")
        with open(path, encoding="ascii") as file:
            text = file.read()
        prefix = text.rstrip("\n").rstrip("0123456789")
        with open(path, "w", encoding="ascii") as file:
            file.write(prefix + "999\n")
        self.assertIn("newer release", self.refused("status"))

    def test_a_setting_that_is_none(self):
        self.init()
        with open(os.path.join(self.data, "bulkhead.toml"), "a", encoding="ascii") as file:
            file.write("\n[limitz]\nconnections = 1\n")
        self.assertIn("limitz", self.refused("status"))

    def test_a_folder_whose_path_is_long(self):
        self.data = os.path.join(self.folder, "d" * 120, "e" * 120)
        os.makedirs(os.path.dirname(self.data))
        self.init()
        self.assertEqual(self.read("user", "list"), [])


class WithServer(Deployment):
    def setUp(self):
        super().setUp()
        self.init()
        self.server = self.serve()

    def serve(self):
        with open(self.path("log"), "ab") as log:
            server = subprocess.Popen([BULKHEAD, "serve", self.data, "--sftp", "127.0.0.1:0"], stdout=subprocess.PIPE,
                                      stderr=log, text=True)
        self.addCleanup(self.stop, server)
        line = server.stdout.readline()
        self.assertRegex(line, r"\Aready sftp=127\.0\.0\.1:[0-9]+\n", self.log())
        return server

    def log(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as log:
            return log.read()

    def stop(self, server):
        if server.poll() is None:
            server.send_signal(signal.SIGTERM)
        try:
            code = server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
            raise
        finally:
            server.stdout.close()
        return code

    def test_commands_go_to_the_server(self):
        self.run_command("user", "add", "alice", "--key", self.key)
        self.assertEqual([user["name"] for user in self.read("user", "list")], ["alice"])
        status = self.read("status", code=3)
        self.assertTrue(status["serving"])
        starts = [e for e in self.read("journal", "list") if e["event"] == "vault_started"]
        self.assertEqual(len(starts), 1)
        self.assertTrue(self.read("journal", "verify")["good"])
        self.assertEqual(self.stop(self.server), 0, self.log())
        self.assertEqual([user["name"] for user in self.read("user", "list")], ["alice"])

    def test_a_second_server_is_refused(self):
        done = self.run_command("serve", self.data, "--sftp", "127.0.0.1:0", code=1)
        self.assertIn("bulkhead: ", done.stderr)
        self.assertTrue(self.read("status", code=3)["serving"])

    def test_a_killed_server_leaves_a_folder_that_opens(self):
        self.run_command("user", "add", "alice", "--key", self.key)
        self.server.kill()
        self.server.wait()
        for _ in range(100):  # its vault notices, and lets go of the folder
            done = subprocess.run([BULKHEAD, "user", "list", "--json", "--data", self.data], capture_output=True,
                                  text=True, timeout=TIMEOUT_S, check=False)
            if done.returncode == 0 and not self.vault_serves():
                break
            time.sleep(0.1)
        self.assertEqual([user["name"] for user in json.loads(done.stdout)], ["alice"])
        self.serve()

    def vault_serves(self):
        done = subprocess.run([BULKHEAD, "status", "--json", "--data", self.data], capture_output=True, text=True,
                              timeout=TIMEOUT_S, check=False)
        return done.returncode == 1 or json.loads(done.stdout)["serving"]


if __name__ == "__main__":
    BULKHEAD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
