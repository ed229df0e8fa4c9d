"""asyncssh (Python). What the steps are: scene.py."""
import asyncio
import os
import stat
import unicodedata

import asyncssh
from asyncssh import SFTPError, SFTPFailure, SFTPNoSuchFile
from story import (BLOCK, CUT, DATED, KEY, LONG, MANY, MODE, PASSWORD, PATCH_AT, PORT, UNICODE, USER, expect, here, read, steps)


def connect(**how):
    return asyncssh.connect("127.0.0.1", PORT, username=USER, known_hosts=None, config=None, agent_path=None, **how)


async def refused(attempt, kind=SFTPError):
    try:
        await attempt
    except kind:
        return
    raise AssertionError("this was not refused")


class Story:
    def __init__(self, sftp):
        self.sftp = sftp

    async def write(self, name, contents, mode="wb"):
        async with self.sftp.open(name, mode) as file:
            await file.write(contents)

    async def password(self):
        async with connect(password=PASSWORD, client_keys=None) as connection, connection.start_sftp_client() as sftp:
            expect(await sftp.realpath("."), f"/home/{USER}")

    async def put(self):
        for name in ("large", "small", "empty"):
            await self.sftp.put(here(name), name, block_size=256 * 1024, max_requests=64)
            expect(await self.sftp.getsize(name), os.path.getsize(here(name)))

    async def get(self):
        for name in ("large", "small", "empty"):
            await self.sftp.get(name, here("back", name))

    async def resume_put(self):
        large = read("large")
        await self.write("resumed", large[: len(large) // 3])
        at = await self.sftp.getsize("resumed")
        async with self.sftp.open("resumed", "r+b") as file:
            await file.write(large[at:], at)

    async def resume_get(self):
        with open(here("back", "resumed"), "ab") as part:
            async with self.sftp.open("large", "rb") as file:
                part.write(await file.read(-1, part.tell()))

    async def append(self):
        await self.write("appended", read("small"))
        await self.write("appended", read("changed"), "ab")

    async def out_of_order(self):
        large = read("large")
        async with self.sftp.open("scattered", "wb") as file:
            await asyncio.gather(*(file.write(large[at : at + BLOCK], at) for at in reversed(range(0, len(large), BLOCK))))

    async def overwrite(self):
        await self.write("patched", read("large"))
        async with self.sftp.open("patched", "r+b") as file:
            await file.write(read("small"), PATCH_AT)

    async def truncate(self):
        await self.write("cut", read("large"))
        await self.sftp.truncate("cut", CUT)

    async def rename(self):
        await self.write("renaming", read("small"))
        await refused(self.sftp.rename("renaming", "large"))
        await self.sftp.rename("renaming", "renamed")

    async def rename_over(self):
        await self.write("target", read("small"))
        await self.write("target.filepart", read("changed"))
        await self.sftp.posix_rename("target.filepart", "target")

    async def recursive(self):
        await self.sftp.put(here("tree"), "tree", recurse=True, preserve=True)
        await self.sftp.get("tree", here("back", "tree"), recurse=True, preserve=True)

    async def glob(self):
        for name in ("glob-a.txt", "glob-b.txt", "glob-c.dat"):
            await self.write(name, read("small"))
        os.makedirs(here("back", "globbed"))
        await self.sftp.mget("glob-*.txt", here("back", "globbed"))

    async def unicode(self):
        other = unicodedata.normalize("NFD", UNICODE)
        await self.write(UNICODE, read("small"))
        await self.write(other, read("changed"))
        expect({UNICODE, other} <= set(await self.sftp.listdir()), True)

    async def long_name(self):
        await self.write(LONG, read("small"))
        await refused(self.write(LONG + "n", b""))

    async def times(self):
        await self.write("dated", read("small"))
        await self.sftp.utime("dated", (DATED, DATED))
        expect((await self.sftp.stat("dated")).mtime, DATED)

    async def permissions(self):
        await self.write("moded", read("small"))
        await self.sftp.chmod("moded", MODE)
        expect(stat.S_IMODE((await self.sftp.stat("moded")).permissions), MODE)

    async def many(self):
        await self.sftp.mkdir("many")
        for first in range(0, MANY, 50):
            await asyncio.gather(*(self.write(f"many/{number}", b"") for number in range(first, first + 50)))
        expect(len([name for name in await self.sftp.listdir("many") if name not in (".", "..")]), MANY)

    async def space(self):
        expect((await self.sftp.statvfs(".")).bavail > 0, True)

    async def links(self):
        await refused(self.sftp.symlink("large", "link"))
        await refused(self.sftp.link("large", "link"))
        expect(await self.sftp.realpath("."), f"/home/{USER}")

    async def errors(self):
        for attempt in (self.sftp.stat("missing"), self.sftp.open("missing", "rb"), self.sftp.remove("missing"),
                        self.sftp.listdir("missing")):
            await refused(attempt, SFTPNoSuchFile)
        await self.sftp.mkdir("full")
        await self.write("full/file", b"")
        for attempt in (self.sftp.mkdir("full"), self.sftp.rmdir("full"), self.sftp.remove("full"), self.sftp.open("full", "wb")):
            await refused(attempt, SFTPFailure)

    async def remove(self):
        await self.write("removed", read("small"))
        await self.sftp.remove("removed")
        await self.sftp.mkdir("removed-folder")
        await self.sftp.rmdir("removed-folder")


def main():
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(connect(client_keys=[KEY]))
    story = Story(loop.run_until_complete(connection.start_sftp_client()))
    print(f"version {asyncssh.__version__}")
    steps(lambda step: loop.run_until_complete(getattr(story, step.replace("-", "_"))()))
    connection.close()
    loop.run_until_complete(connection.wait_closed())


main()
