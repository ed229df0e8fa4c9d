"""Realistic logs with a known theft in them, of every product that is read: the stolen files are found, the others not.

    thefts.py PROGRAM        the program bulkhead

Each world has some hundred files and weeks of honest traffic, written in the way of one product; then somebody comes at a known
time from a known address, or with a web shell. What they took is known here and nowhere else.
"""
import datetime
import gzip
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import zlib

try:
    import jsonschema
except ImportError:  # then the lines are not held against the schema
    jsonschema = None

PROGRAM = sys.argv[1]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/schemas/releases.schema.json"), encoding="utf-8") as schema_file:
    SCHEMA = json.load(schema_file)
THIEF, FIRST_DAY, THEFT_DAY = "198.51.100.77", datetime.datetime(2023, 5, 8), datetime.datetime(2023, 5, 28, 3, 10)
PARTNERS = [(f"partner{number}", f"203.0.113.{number + 10}") for number in range(8)]
SINCE, UNTIL = "2023-05-28T00:00:00Z", "2023-05-28T23:59:59Z"


def check(held, what):
    if not held:
        raise AssertionError(what)


class World:
    """Files of made-up people, and what honest partners fetch."""

    def __init__(self, folder, seed, files=150):
        self.random = random.Random(seed)
        self.files = os.path.join(folder, "files")
        self.contents, self.person = {}, {}
        for number in range(files):
            name = f"org{number % 7}/{['claims', 'enroll', 'payroll'][number % 3]}_{number:04}.csv"
            self.contents[name] = self.table(name)
        for name, contents in self.contents.items():
            os.makedirs(os.path.join(self.files, os.path.dirname(name)), exist_ok=True)
            with open(os.path.join(self.files, name), "wb") as file:
                file.write(contents)
        self.stolen = sorted(self.random.sample(sorted(self.contents), 23))

    def table(self, name):
        rows = ["SSN,LAST NAME,FIRST NAME,DATE OF BIRTH"]
        for _ in range(self.random.randint(20, 1500)):
            rows.append(f"{self.random.randint(100, 665)}{self.random.randint(10, 99)}{self.random.randint(1000, 9999)},"
                        f"{self.word()},{self.word()},{self.random.randint(1940, 2015)}-{self.random.randint(1, 12):02}-11")
        self.person[name] = rows[1].split(",")[1]
        return ("\r\n".join(rows) + "\r\n").encode()

    def word(self):
        return "".join(self.random.choice("BCDFGKLMNPRST") + self.random.choice("AEIOU") for _ in range(3)) + \
            self.random.choice(["SON", "MAN", "", "ER"])

    def honest(self):
        """(when, user, address, name, cut) in the order of time."""
        events = []
        names = sorted(self.contents)
        for day in range(28):
            for user, address in PARTNERS:
                for _ in range(self.random.randint(1, 5)):
                    when = FIRST_DAY + datetime.timedelta(days=day, seconds=self.random.randint(0, 86399))
                    events.append((when, user, address, self.random.choice(names), self.random.random() < 0.02))
        return sorted(events)

    def theft(self):
        return [(THEFT_DAY + datetime.timedelta(seconds=20 * place), "svc", THIEF, name, False)
                for place, name in enumerate(self.stolen)]

    def all(self):
        return sorted(self.honest() + self.theft())

    def sent(self, name, cut):
        return len(self.contents[name]) // 3 if cut else len(self.contents[name])


# --- the products

def moveit(world):
    yield ("ID,LogTime,Action,InstID,Username,TargetID,TargetName,FolderID,FileID,IPAddress,Error,Parm1,Parm2,Parm3,Parm4,Message,"
           "AgentBrand,AgentVersion,XferSize,Duration,FileName,FolderPath")
    for place, (when, user, address, name, cut) in enumerate(world.all()):
        folder, file = name.split("/")
        yield f"{place * 3},{when:%Y-%m-%d %H:%M:%S},sec_signon,7,{user},,,0,NULL,{address},0,,,,,,MOVEit,15.0,0,0,NULL,NULL"
        yield (f'{place * 3 + 1},{when:%Y-%m-%d %H:%M:%S},file_download,7,{user},,,12,{900000000 + place},{address},'
               f'{2422 if cut else 0},,,,,"said ""so"", twice",MOVEit,15.0,{world.sent(name, cut)},0.5,{file},/Home/{folder}')
        if place % 9 == 0:
            yield f"{place * 3 + 2},{when:%Y-%m-%d %H:%M:%S},file_upload,7,{user},,,12,1,{address},0,,,,,,x,1,5,0,new_{place}.csv,/in"


def goanywhere(world):
    yield "Timestamp,User Name,Remote IP,Command,File Path,File Size,Status"
    for when, user, address, name, cut in world.all():
        yield f"{when:%Y-%m-%d %H:%M:%S},{user},{address},Download,/{name},{world.sent(name, cut)},{'Failed' if cut else 'Successful'}"
        yield f"{when:%Y-%m-%d %H:%M:%S},{user},{address},Delete,/in/x.csv,0,Successful"


def sftpgo(world):
    for when, user, address, name, cut in world.all():
        yield json.dumps({"level": "info", "time": f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03}", "sender": "login",
                          "username": user, "ip": address})
        entry = {"level": "info", "time": f"{when:%Y-%m-%dT%H:%M:%S}.000", "sender": "Download", "local_addr": "10.0.0.1:2022",
                 "remote_addr": f"{address}:40000", "elapsed_ms": 12, "size_bytes": world.sent(name, cut), "username": user,
                 "file_path": f"/srv/sftpgo/data/{name}", "connection_id": "SFTP_x", "protocol": "SFTP"}
        if cut:
            entry["error"] = "EOF"
        yield json.dumps(entry)


def openssh(world):
    for place, (when, user, address, name, cut) in enumerate(world.all()):
        head = f"{when:%Y-%m-%dT%H:%M:%S}+00:00 mft internal-sftp[{1000 + place % 40}]: "
        yield head + f"session opened for local user {user} from [{address}]"
        yield head + f'open "/data/{name}" flags READ mode 0666'
        yield head + f'{"forced " if cut else ""}close "/data/{name}" bytes read {world.sent(name, cut)} written 0'
        yield head + f"session closed for local user {user} from [{address}]"


def xferlog(world):
    for when, user, address, name, cut in world.all():
        yield (f"{when:%a %b %e %H:%M:%S %Y} 1 {address} {world.sent(name, cut)} /srv/ftp/{name} b _ o r {user} ftp 0 * "
               f"{'i' if cut else 'c'}")
        yield f"{when:%a %b %e %H:%M:%S %Y} 1 {address} 77 /srv/ftp/in/up.csv b _ i r {user} ftp 0 * c"


def vsftpd(world):
    for when, user, address, name, cut in world.all():
        head = f"{when:%a %b %e %H:%M:%S %Y} [pid 7] "
        yield head + f'CONNECT: Client "::ffff:{address}"'
        yield head + f'[{user}] OK LOGIN: Client "::ffff:{address}"'
        yield head + (f'[{user}] FAIL DOWNLOAD: Client "::ffff:{address}", "/{name}", 0.00Kbyte/sec' if cut else
                      f'[{user}] OK DOWNLOAD: Client "::ffff:{address}", "/{name}", {len(world.contents[name])} bytes, 99.10Kbyte/sec')


def web(world):
    for when, user, address, name, cut in world.all():
        time = f"{when:%d/%b/%Y:%H:%M:%S} +0000"
        yield f'{address} - {user} [{time}] "GET /static/app.js HTTP/1.1" 200 5120 "-" "Mozilla"'
        yield f'{address} - {user} [{time}] "GET /dl/{name}?t=1 HTTP/1.1" {206 if cut else 200} {world.sent(name, cut) + 230} "-" "Mozilla"'


def iis_head():
    yield "#Software: Microsoft Internet Information Services 10.0"
    yield ("#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status "
           "sc-substatus sc-win32-status sc-bytes cs-bytes time-taken")


def iis_line(when, method, stem, query, user, address, status, sent):
    return (f"{when:%Y-%m-%d %H:%M:%S} 10.0.0.9 {method} {stem} {query} 443 {user} {address} Mozilla/5.0+(Windows+NT+10.0) - "
            f"{status} 0 0 {sent} 500 120")


def iis_human2(world):
    """2023: names of files are nowhere; the web shell's answers are compressed, behind header fields that vary by a few bytes.

    That its answer to "what is there" fits no file is as it should be; so do the sizes of failed ones."""
    yield from iis_head()
    lines = []
    for when, user, address, _, _ in world.honest():
        lines.append((when, iis_line(when, "GET", "/human.aspx", "arg=1", user, address, 200, 9000 + when.second)))
        lines.append((when, iis_line(when, "POST", "/moveitisapi/moveitisapi.dll", "action=m2", "-", address, 200, 700)))
    for number in range(20):  # scanners, and the thief's first tries
        when = THEFT_DAY - datetime.timedelta(seconds=1000 - number)
        lines.append((when, iis_line(when, "GET", "/human2.aspx", "-", "-", THIEF, 404, 1400)))
    when = THEFT_DAY - datetime.timedelta(seconds=2)
    lines.append((when, iis_line(when, "GET", "/human2.aspx", "-", "-", THIEF, 200, 31_777_001)))
    for when, _, address, name, _ in world.theft():
        sent = len(gzip_of(world.contents[name])) + 371 + world.random.randint(0, 6)
        lines.append((when, iis_line(when, "GET", "/human2.aspx", "-", "-", address, 200, sent)))
    for _, line in sorted(lines):
        yield line


def gzip_of(contents):
    press = zlib.compressobj(6, zlib.DEFLATED, 31)
    return press.compress(contents) + press.flush()


# --- and whether it is found

def ask(folder, world, lines, *arguments, code=0):
    log = os.path.join(folder, "log")
    with open(log, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    releases, persons = os.path.join(folder, "releases.ndjson"), os.path.join(folder, "persons.ndjson")
    done = subprocess.run([PROGRAM, "exposure", "--log", log, "--files", world.files, "--releases", releases, "--out", persons,
                           *arguments], capture_output=True, text=True, timeout=120)
    check(done.returncode == code, f"exit {done.returncode} instead of {code}: {done.stderr}\n{done.stdout[-2000:]}")
    with open(releases, encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    for each in found if jsonschema else []:
        jsonschema.validate(each, SCHEMA)
    with open(persons, encoding="utf-8") as file:
        people = [json.loads(line) for line in file]
    return found, people, done


def names(found, *certainties):
    return {each["file"] for each in found if each["held"] and (not certainties or each["certainty"] in certainties)}


def check_persons(world, people, files):
    there = {exposure["file"] for person in people for exposure in person["exposures"]}
    check(there == set(files), f"persons are in {sorted(there ^ set(files))[:3]}")
    lasts = {name["last"] for person in people for name in person["names"]}
    for name in files:
        check(world.person[name] in lasts, f"somebody of {name} is missing")


def named(product, seed):
    """A log with names: what the thief's address fetched, all of it and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder, seed)
        lines = list(product(world))
        found, people, done = ask(folder, world, lines, "--address", THIEF, "--since", SINCE, "--until", UNTIL)
        check(names(found, "certain") == set(world.stolen) == names(found),
              f"{product.__name__}: {sorted(names(found) ^ set(world.stolen))}")
        for each in found:
            line = int(each["source"].removeprefix("log:"))
            check(os.path.basename(each["file"]) in lines[line - 1] and each["at"] and each["why"],
                  f"{each} is not what the log says")
        check_persons(world, people, world.stolen)
        check("members in files that left" in done.stdout, done.stdout)
        # Without an address: the honest ones of that day are in it too, cut ones never as certain.
        found, _, _ = ask(folder, world, lines, "--since", SINCE, "--until", UNTIL)
        check(names(found, "certain") >= set(world.stolen), f"{product.__name__}: not all of them")
        print(f"== {product.__name__}: {len(world.stolen)} stolen found, of {len(world.contents)}", flush=True)


def shell(seed):
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder, seed)
        found, people, done = ask(folder, world, iis_human2(world), "--since", SINCE, "--until", UNTIL, code=3)
        stolen = set(world.stolen)
        missed, wrong = stolen - names(found), names(found, "likely") - stolen
        check(not missed, f"missed {missed}")
        check(not wrong, f"named as likely and not stolen: {wrong}")
        check(len(names(found) - stolen) <= 8, f"too many more: {sorted(names(found) - stolen)}")
        check(not names(found, "certain"), "a size alone is not certain")
        check("fit none of the files at hand" in done.stderr, done.stderr)
        likely = names(found, "likely")
        check(len(likely) >= len(stolen) * 0.7, f"only {len(likely)} of {len(stolen)} are likely")
        check_persons(world, people, names(found))
        _, people, _ = ask(folder, world, iis_human2(World(folder, seed)), "--since", SINCE, "--certainty", "likely", code=3)
        check_persons(world, people, likely)
        print(f"== human2.aspx: {len(stolen)} stolen, {len(likely)} of them likely, {len(names(found) - stolen)} others possible")


def lists_and_hashes():
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder, 99)
        listing = [f"dump/{name}\t{len(world.contents[name])}" for name in world.stolen] + ["dump/never_held.csv\t9"]
        found, people, done = ask(folder, world, listing, "--log-format", "list", code=3)
        check(names(found, "certain") == set(world.stolen), "a list with sizes")
        check("never_held.csv" in done.stdout and "not among the files at hand" in done.stdout, done.stdout)
        check_persons(world, people, world.stolen)
        hashes = [f"{hashlib.sha256(world.contents[name]).hexdigest()}  {place}" for place, name in enumerate(world.stolen)]
        found, _, _ = ask(folder, world, hashes)
        check(names(found, "certain") == set(world.stolen), "hashes")
        print("== a list and hashes")


def bad_input():
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder, 5, files=30)
        other = os.path.join(folder, "diary.txt")
        with open(other, "w", encoding="utf-8") as file:
            file.write("Dear diary,\nnothing was logged today.\n")
        packed = os.path.join(folder, "old.gz")
        with gzip.open(packed, "wb") as file:
            file.write(b"x")
        found, _, done = ask(folder, world, list(moveit(world)) + ["cut off in the", '"middle'], "--log", other, "--log", packed,
                             "--address", THIEF, code=3)
        check(names(found) == set(world.stolen), "the readable log")
        for sentence in ("diary.txt: it is the log of no product that is known", "old.gz: it is compressed (gzip): unpack it first"):
            check(sentence in done.stderr, f"{sentence!r} is not said: {done.stderr}")
        done = subprocess.run([PROGRAM, "exposure", "--log", other, "--files", world.files], capture_output=True, text=True)
        check(done.returncode == 1 and "no product that is known" in done.stderr, done.stderr)
        for arguments in (["--files", world.files], ["--log", other], ["--log", other, "--files", world.files, "--session", "s-1"],
                          ["--log", other, "--files", world.files, "--log-format", "abacus"]):
            done = subprocess.run([PROGRAM, "exposure", *arguments], capture_output=True, text=True)
            check(done.returncode == 2 and done.stderr.startswith("bulkhead: "), f"{arguments}: {done.returncode} {done.stderr}")
        print("== bad input is named and stops only itself")


def new_year():
    """syslog names no year: with a window over New Year's Eve both sides of it are found, and what is in it in no year is left out."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder, 6, files=30)
        name = dict(zip(("Dec 28 03:00:00", "Jan  5 03:00:00", "Jul  4 03:00:00", "Dec 12 03:00:00", "Jan 12 03:00:00"),
                        sorted(world.contents)))
        lines = []
        for time, file in name.items():
            lines.append(f"{time} mft internal-sftp[7]: session opened for local user svc from [{THIEF}]")
            lines.append(f'{time} mft internal-sftp[7]: close "/data/{file}" bytes read {len(world.contents[file])} written 0')
        found, _, _ = ask(folder, world, lines, "--since", "2022-12-20", "--until", "2023-01-10")
        check({each["file"]: each["at"] for each in found} ==
              {name["Dec 28 03:00:00"]: "2022-12-28T03:00:00Z", name["Jan  5 03:00:00"]: "2023-01-05T03:00:00Z"}, f"{found}")
        # Where several years fit, the log does not say which: nothing is left out, and no year made up.
        found, _, _ = ask(folder, world, lines, "--since", "2021-06-01", "--until", "2023-01-10")
        check({each["file"]: each["at"] for each in found} ==
              {name["Dec 28 03:00:00"]: None, name["Jan  5 03:00:00"]: None, name["Jul  4 03:00:00"]: None,
               name["Dec 12 03:00:00"]: None, name["Jan 12 03:00:00"]: "2022-01-12T03:00:00Z"}, f"{found}")
        found, _, _ = ask(folder, world, lines)
        check(len(found) == len(name) and not any(each["at"] for each in found), f"{found}")
        print("== syslog over New Year's Eve")


def twice():
    with tempfile.TemporaryDirectory() as folder:
        outputs = []
        for _ in range(2):
            world = World(folder, 3)
            ask(folder, world, iis_human2(world), "--as-of", "2023-06-01", code=3)
            outputs.append([open(os.path.join(folder, name), "rb").read() for name in ("releases.ndjson", "persons.ndjson")])
        check(outputs[0] == outputs[1], "run twice, other bytes")


for number, each in enumerate((moveit, goanywhere, sftpgo, openssh, xferlog, vsftpd, web)):
    named(each, number)
for number in range(3):
    shell(20 + number)
lists_and_hashes()
bad_input()
new_year()
twice()
print("all of it held")
