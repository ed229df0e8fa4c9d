"""kill -9 of a vault, a session or the supervisor at random moments while uploads run: what was acknowledged is there whole,
every name shows the old or the new version, a half upload is resumed, the journal verifies.

    kill9.py FOLDER_OF_THE_BUILD_TREE [SEED]
"""
import os
import random
import signal
import subprocess
import time

from deployment import TIMEOUT_S, Deployment, check, eventually, make_file, need, run, sha256, step

ROUNDS = 20
ENOUGH_S = 35       # no further round is begun after so long
FEWEST_ROUNDS = 6   # each of the three processes is killed at least twice
SIZES = [0, 700, 40_000, 65_537, 900_000, 12_000_000, 20_000_000, 30_000_000]
NAMES = [f"file-{number}" for number in range(6)]
VICTIMS = ["bulkhead-vault", "bulkhead-sftp-session", "bulkhead-supervisor"]


class Loop:
    def __init__(self, deployment, source):
        self.deployment = deployment
        self.source = source
        self.acknowledged = {}  # name: digest
        self.under_way = {}     # name: path here of what may have been stored without our knowing
        self.made = 0
        self.resumed = 0

    def fresh_file(self):
        self.made += 1
        return make_file(self.deployment.path("here", f"v{self.made}"), self.source.choice(SIZES), seed=self.made)

    # --- a round

    def upload_and_kill(self, victim):
        """Two clients upload half of the names each; one process is killed meanwhile."""
        names = self.source.sample(NAMES, len(NAMES))
        clients = []
        for user, mine in (("anna", names[:3]), ("boris", names[3:])):
            puts = [(name, self.fresh_file()) for name in mine]
            batch = "".join(f"put {path} /shared/{name}\n" for name, path in puts)
            client = subprocess.Popen(self.deployment.sftp_arguments(user), stdin=subprocess.PIPE, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            client.stdin.write(batch)
            client.stdin.close()
            clients.append((user, client, puts))
        first_words = [client.stdout.readline() for _, client, _ in clients]  # both are logged in
        time.sleep(self.source.uniform(0.0, 0.35))
        pids = self.deployment.server.family()
        # Of the sessions one that serves: they are taken in the order in which they were started.
        os.kill(self.source.choice(pids[victim][:2]), signal.SIGKILL)
        for (user, client, puts), said in zip(clients, first_words, strict=True):
            said += client.stdout.read()
            client.wait(TIMEOUT_S)
            client.stdout.close()
            self.note(user, puts, said, client.returncode)
        return pids

    def note(self, user, puts, said, code):
        """A command is only begun when the one before it was done: sftp shows each as it begins it."""
        begun = said.count("sftp> put ")
        done = len(puts) if code == 0 else max(begun - 1, 0)
        for name, path in puts[:done]:
            self.acknowledged[name] = sha256(path)
            self.under_way.pop(name, None)
        if done < begun:
            self.under_way[puts[done][0]] = (user, puts[done][1])

    def restart_after(self, victim, pids):
        server = self.deployment.server
        if victim == "bulkhead-sftp-session":
            check(server.process.poll() is None, f"a killed session took the server with it:\n{''.join(server.log)}")
            return
        code = server.wait()
        check(code != 0, f"the {victim} was killed and serve says that all is well")
        everybody = [pid for kind in pids.values() for pid in kind]
        eventually(lambda: not any(self.is_ours(pid) for pid in everybody), f"nothing is left after {victim} was killed", 20)
        if victim == "bulkhead-vault":
            text = "".join(server.log)
            check("the vault ended (signal 9" in text, f"the vault's death is not told:\n{text}")
        self.deployment.start()

    @staticmethod
    def is_ours(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                text = file.read()
        except (FileNotFoundError, ProcessLookupError):
            return False
        return "(bulkhead-" in text and text.rpartition(")")[2].split()[0] != "Z"

    # --- what holds afterwards

    def seen_by_others(self):
        """Name to digest, as somebody sees it who uploads nothing."""
        here = self.deployment.path("seen")
        os.makedirs(here, exist_ok=True)
        for name in os.listdir(here):
            os.unlink(os.path.join(here, name))
        self.deployment.sftp("viola", f"lcd {here}\ncd /shared\n-get *\n")
        listed = self.deployment.sftp("viola", "cd /shared\nls -1\n").stdout.split("\n")[2:-1]
        check(sorted(listed) == sorted(os.listdir(here)), f"listed are {listed}, fetched {os.listdir(here)}")
        return {name: sha256(os.path.join(here, name)) for name in listed}

    def check_names(self):
        seen = self.seen_by_others()
        for name, digest in self.acknowledged.items():
            check(name in seen, f"{name} was acknowledged and is gone")
            allowed = {digest}
            if name in self.under_way:
                allowed.add(sha256(self.under_way[name][1]))
            check(seen[name] in allowed, f"{name} is neither the old nor the new version")
        for name in seen.keys() - self.acknowledged.keys():
            check(name in self.under_way and seen[name] == sha256(self.under_way[name][1]),
                  f"{name} was never acknowledged and is not what was sent")
        return seen

    def finish_uploads(self, seen):
        """What was cut off goes on from where the uploader sees it, or is stored already, or is sent again."""
        for name, (user, path) in self.under_way.items():
            wanted = sha256(path)
            if seen.get(name) != wanted:
                mine = self.size_seen_by(user, name)
                theirs = self.size_seen_by("viola", name)
                # reput would append to an old version: only where the uploader sees a part of their own.
                resume = mine is not None and mine != theirs and mine < os.path.getsize(path)
                self.resumed += resume and mine > 0
                self.deployment.sftp(user, f"{'reput' if resume else 'put'} {path} /shared/{name}\n")
            self.acknowledged[name] = wanted
        self.under_way.clear()

    def size_seen_by(self, user, name):
        done = self.deployment.sftp(user, f"ls -ln /shared/{name}\n", code=None)
        return int(done.stdout.split("\n")[1].split()[4]) if done.returncode == 0 else None


def story(programs, seed="834"):
    need("sftp")
    source = random.Random(int(seed))
    with Deployment(programs) as deployment:
        deployment.init()
        os.mkdir(deployment.path("here"))
        for user in ("anna", "boris", "viola"):
            deployment.add_user(user)
        deployment.run("folder", "add", "/shared", "--member", "anna:read,write,list,delete", "--member",
                       "boris:read,write,list,delete", "--member", "viola:read,list")
        deployment.start()
        loop = Loop(deployment, source)
        began = time.monotonic()
        done = 0
        while done < ROUNDS and (done < FEWEST_ROUNDS or time.monotonic() - began < ENOUGH_S):
            victim = VICTIMS[done % 3] if done < FEWEST_ROUNDS else source.choice(VICTIMS)
            pids = loop.upload_and_kill(victim)
            loop.restart_after(victim, pids)
            verdict = deployment.verify_journal()
            seen = loop.check_names()
            cut_off = len(loop.under_way)
            loop.finish_uploads(seen)
            done += 1
            step(f"round {done}: {victim} killed, {cut_off} uploads cut off, {verdict['entries']} entries verify")
        loop.check_names()
        deployment.stop()
        step(f"{done} rounds, {loop.made} uploads, {loop.resumed} resumed in the middle, seed {seed}")
        check(loop.resumed > 0, "no upload was ever cut off in the middle: the scenario tries nothing")


run(story)
