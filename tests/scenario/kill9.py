"""kill -9 of any process at random moments while uploads run: what was acknowledged is there whole, every name shows the old
or the new version, a half upload is resumed by each client that can, the journal verifies.

    kill9.py FOLDER_OF_THE_BUILD_TREE [SEED [UPLOADS]]

Without UPLOADS it is the short form of the ordinary test run; script/soak runs the long one.
"""
import collections
import os
import random
import shutil
import signal
import subprocess
import time

from deployment import TIMEOUT_S, Deployment, check, eventually, make_file, need, run, sha256, step

ROUNDS = 20
ENOUGH_S = 35       # no further round is begun after so long
FEWEST_ROUNDS = 6   # the first three are killed at least twice; an analyst only when one happens to run
SIZES = [0, 700, 40_000, 65_537, 900_000, 12_000_000, 20_000_000, 30_000_000]
SLOW_KBIT_PER_S = "160000"  # of one of the clients, or a fast machine is never in the middle of a file
NAMES = 6           # at a time, half of them by each of two clients
VICTIMS = ["bulkhead-vault", "bulkhead-sftp-session", "bulkhead-supervisor", "bulkhead-analyst"]


class Loop:
    def __init__(self, deployment, source, names):
        self.deployment = deployment
        self.source = source
        self.names = [f"file-{number}" for number in range(names)]
        self.acknowledged = {}  # name: digest
        self.under_way = {}     # name: path here of what may have been stored without our knowing
        self.made = 0
        self.killed = collections.Counter()
        self.cut_off = 0
        self.resumed = collections.Counter()
        self.ways = [self.reput, self.put_a] + [self.lftp_put, self.lftp_mirror] * bool(shutil.which("lftp")) + \
            [self.rclone] * bool(shutil.which("rclone"))

    def fresh_file(self):
        self.made += 1
        return make_file(self.deployment.path("here", f"v{self.made}"), self.source.choice(SIZES), seed=self.made)

    # --- a round

    def upload_and_kill(self, victim):
        """Two clients upload half of the names each; one process is killed meanwhile."""
        names = self.source.sample(self.names, len(self.names))
        half = len(names) // 2
        clients = []
        for user, mine in (("anna", names[:half]), ("boris", names[half:])):
            puts = [(name, self.fresh_file()) for name in mine]
            batch = "".join(f"put {path} /shared/{name}\n" for name, path in puts)
            slowly = ["-l", SLOW_KBIT_PER_S] if user == "boris" else []
            client = subprocess.Popen(self.deployment.sftp_arguments(user, *slowly), stdin=subprocess.PIPE, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            client.stdin.write(batch)
            client.stdin.close()
            clients.append((user, client, puts))
        first_words = [client.stdout.readline() for _, client, _ in clients]  # both are logged in
        time.sleep(self.source.uniform(0.0, 0.35))
        pids = self.deployment.server.family()
        if victim not in pids:
            victim = VICTIMS[1]
        self.killed[victim] += 1
        # Of the sessions one that serves: they are taken in the order in which they were started.
        os.kill(self.source.choice(pids[victim][:2]), signal.SIGKILL)
        for (user, client, puts), said in zip(clients, first_words, strict=True):
            said += client.stdout.read()
            client.wait(TIMEOUT_S)
            client.stdout.close()
            self.note(user, puts, said, client.returncode)
        return victim, pids

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
        if victim in ("bulkhead-sftp-session", "bulkhead-analyst"):
            check(server.process.poll() is None, f"a killed {victim} took the server with it:\n{''.join(server.log)}")
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
                # Going on would append to an old version: only where the uploader sees a part of their own.
                resume = mine is not None and mine != theirs and mine < os.path.getsize(path)
                if resume and mine > 0:
                    way = self.ways[sum(self.resumed.values()) % len(self.ways)]
                    way(user, name, path)
                    self.resumed[way.__name__] += 1
                else:
                    self.deployment.sftp(user, f"{'reput' if resume else 'put'} {path} /shared/{name}\n")
            self.acknowledged[name] = wanted
        self.under_way.clear()
        for path in os.scandir(self.deployment.path("here")):
            os.unlink(path)

    # --- how clients go on

    def reput(self, user, name, path):
        self.deployment.sftp(user, f"reput {path} /shared/{name}\n")

    def put_a(self, user, name, path):
        self.deployment.sftp(user, f"put -a {path} /shared/{name}\n")

    def lftp_put(self, user, name, path):
        self.lftp(user, f"put -c {path} -o /shared/{name}")

    def lftp_mirror(self, user, name, path):
        """Of a folder with this one file under its name."""
        folder = self.deployment.path("mirrored")
        os.mkdir(folder)
        os.link(path, os.path.join(folder, name))
        self.lftp(user, f"mirror -c -R {folder} /shared")
        shutil.rmtree(folder)

    def rclone(self, user, name, path):
        """Resumes nothing: it writes the file anew over its own part."""
        there = (f":sftp,host=127.0.0.1,port={self.deployment.server.port},user={user},"
                 f"key_file={self.deployment.path('keys', user)}:/shared/{name}")
        self.call("rclone", "--config", self.deployment.path("rclone.conf"), "--retries", "1", "copyto", path, there)

    def lftp(self, user, command):
        ssh = " ".join(["ssh", "-a", "-x", *self.deployment.ssh_options(user)])
        self.call("lftp", "--norc", "-c", f'set sftp:connect-program "{ssh}"; set cmd:fail-exit true; set net:max-retries 2; '
                  f"open sftp://{user}:@127.0.0.1:{self.deployment.server.port}; {command}")

    @staticmethod
    def call(*arguments):
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        check(done.returncode == 0, f"{arguments[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")

    def size_seen_by(self, user, name):
        done = self.deployment.sftp(user, f"ls -ln /shared/{name}\n", code=None)
        return int(done.stdout.split("\n")[1].split()[4]) if done.returncode == 0 else None


def say_how_it_went(loop, rounds, seed):
    killed = ", ".join(f"{count} {victim}" for victim, count in loop.killed.items())
    resumed = ", ".join(f"{count} by {way}" for way, count in loop.resumed.items()) or "none"
    step(f"{rounds} rounds, seed {seed}: {loop.made} uploads; killed: {killed}; cut off: {loop.cut_off}; "
         f"gone on with in the middle: {resumed}")


def story(programs, seed="834", uploads="0"):
    need("sftp")
    source = random.Random(int(seed))
    wanted = int(uploads)
    with Deployment(programs) as deployment:
        deployment.init()
        os.mkdir(deployment.path("here"))
        for user in ("anna", "boris", "viola"):
            deployment.add_user(user)
        deployment.run("folder", "add", "/shared", "--member", "anna:read,write,list,delete", "--member",
                       "boris:read,write,list,delete", "--member", "viola:read,list")
        # The one who looks fetches everything in every round; sessions that are killed connect anew.
        with open(os.path.join(deployment.data, "bulkhead.toml"), "a", encoding="ascii") as file:
            file.write("\n[budget.user.viola]\nbytes_per_day = 1000000000000\nfiles_per_day = 1000000\nnames_per_day = 10000000\n")
        deployment.start()
        loop = Loop(deployment, source, NAMES if wanted == 0 else 2 * NAMES)
        began = time.monotonic()
        done = 0

        def more():
            if wanted > 0:
                return loop.made < wanted
            return done < ROUNDS and (done < FEWEST_ROUNDS or time.monotonic() - began < ENOUGH_S)

        while more():
            victim, pids = loop.upload_and_kill(VICTIMS[done % 3] if done < FEWEST_ROUNDS else source.choice(VICTIMS))
            loop.restart_after(victim, pids)
            verdict = deployment.verify_journal()
            seen = loop.check_names()
            cut_off = len(loop.under_way)
            loop.cut_off += cut_off
            loop.finish_uploads(seen)
            done += 1
            step(f"round {done}: {victim} killed, {cut_off} uploads cut off, {verdict['entries']} entries verify")
        loop.check_names()
        deployment.stop()
        say_how_it_went(loop, done, seed)
        check(loop.resumed, "no upload was ever cut off in the middle: the scenario tries nothing")


run(story)
