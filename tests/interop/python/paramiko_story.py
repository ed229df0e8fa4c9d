"""paramiko (Python). What the steps are: scene.py."""
import fnmatch
import os
import stat
import sys
import unicodedata

import paramiko

from story import (BLOCK, CUT, DATED, HERE, KEY, LONG, MANY, MODE, PASSWORD, PATCH_AT, PORT, UNICODE, USER, Absent, expect,
                   here, local_tree, read, refused, steps)


def connect(**how):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect("127.0.0.1", PORT, USER, allow_agent=False, look_for_keys=False, **how)
    return client


class Story:
    def __init__(self):
        self.client = connect(key_filename=KEY)
        self.sftp = self.client.open_sftp()

    def write(self, name, contents):
        with self.sftp.open(name, "wb") as file:
            file.write(contents)

    def password(self):
        with connect(password=PASSWORD) as client:
            expect(client.open_sftp().normalize("."), f"/home/{USER}")

    def put(self):
        for name in ("large", "small", "empty"):
            expect(self.sftp.put(here(name), name).st_size, os.path.getsize(here(name)))

    def get(self):
        for name in ("large", "small", "empty"):
            self.sftp.get(name, here("back", name))

    def resume_put(self):
        large = read("large")
        self.write("resumed", large[: len(large) // 3])
        with self.sftp.open("resumed", "r+b") as file:
            file.seek(self.sftp.stat("resumed").st_size)
            file.write(large[file.tell():])

    def resume_get(self):
        with open(here("back", "resumed"), "ab") as part, self.sftp.open("large", "rb") as file:
            file.seek(part.tell())
            part.write(file.read())

    def append(self):
        self.write("appended", read("small"))
        with self.sftp.open("appended", "ab") as file:
            file.write(read("changed"))

    def out_of_order(self):
        large = read("large")
        with self.sftp.open("scattered", "wb") as file:
            for at in reversed(range(0, len(large), BLOCK)):
                file.seek(at)
                file.write(large[at : at + BLOCK])

    def overwrite(self):
        self.write("patched", read("large"))
        with self.sftp.open("patched", "r+b") as file:
            file.seek(PATCH_AT)
            file.write(read("small"))

    def truncate(self):
        self.write("cut", read("large"))
        self.sftp.truncate("cut", CUT)

    def rename(self):
        self.write("renaming", read("small"))
        refused(lambda: self.sftp.rename("renaming", "large"))
        self.sftp.rename("renaming", "renamed")

    def rename_over(self):
        self.write("target", read("small"))
        self.write("target.filepart", read("changed"))
        self.sftp.posix_rename("target.filepart", "target")

    def recursive(self):
        for path, is_folder in local_tree():
            if is_folder:
                self.sftp.mkdir(path)
            else:
                self.sftp.put(here(path), path)
        self.fetch_tree("tree")

    def fetch_tree(self, folder):
        os.makedirs(here("back", folder))
        for each in self.sftp.listdir_attr(folder):
            path = f"{folder}/{each.filename}"
            if stat.S_ISDIR(each.st_mode):
                self.fetch_tree(path)
            else:
                self.sftp.get(path, here("back", path))

    def glob(self):
        for name in ("glob-a.txt", "glob-b.txt", "glob-c.dat"):
            self.write(name, read("small"))
        os.makedirs(here("back", "globbed"))
        for name in fnmatch.filter(self.sftp.listdir("."), "glob-*.txt"):
            self.sftp.get(name, here("back", "globbed", name))

    def unicode(self):
        other = unicodedata.normalize("NFD", UNICODE)
        self.write(UNICODE, read("small"))
        self.write(other, read("changed"))
        expect({UNICODE, other} <= set(self.sftp.listdir()), True)

    def long_name(self):
        self.write(LONG, read("small"))
        refused(lambda: self.write(LONG + "n", b""))

    def times(self):
        self.write("dated", read("small"))
        self.sftp.utime("dated", (DATED, DATED))
        expect(self.sftp.stat("dated").st_mtime, DATED)

    def permissions(self):
        self.write("moded", read("small"))
        self.sftp.chmod("moded", MODE)
        expect(stat.S_IMODE(self.sftp.stat("moded").st_mode), MODE)

    def many(self):
        self.sftp.mkdir("many")
        for number in range(MANY):
            self.write(f"many/{number}", b"")
        expect(len(self.sftp.listdir("many")), MANY)

    def space(self):
        raise Absent("paramiko has no statvfs")

    def links(self):
        refused(lambda: self.sftp.symlink("large", "link"))
        expect(self.sftp.normalize("."), f"/home/{USER}")

    def errors(self):
        for attempt in (lambda: self.sftp.stat("missing"), lambda: self.sftp.open("missing", "rb"),
                        lambda: self.sftp.remove("missing"), lambda: self.sftp.listdir("missing")):
            refused(attempt, FileNotFoundError)
        self.sftp.mkdir("full")
        self.write("full/file", b"")
        refused(lambda: self.sftp.mkdir("full"))
        refused(lambda: self.sftp.rmdir("full"))
        refused(lambda: self.sftp.remove("full"))
        refused(lambda: self.sftp.open("full", "wb"))

    def remove(self):
        self.write("removed", read("small"))
        self.sftp.remove("removed")
        self.sftp.mkdir("removed-folder")
        self.sftp.rmdir("removed-folder")


print(f"version {paramiko.__version__}")
story = Story()
steps(lambda step: getattr(story, step.replace("-", "_"))())
story.client.close()
