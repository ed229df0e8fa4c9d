// ssh2 of npm, its SFTP functions as they are. What the steps are: scene.py.
'use strict';
const assert = require('assert');
const fs = require('fs');
const { promisify } = require('util');
const { Client } = require('ssh2');
const { withKey, withPassword, HOME, BLOCK, CUT, PATCH_AT, DATED, MODE, MANY, UNICODE, LONG, here, read, refused, tree,
  tell } = require('./story');

const MISSING = 2; // SSH_FX_NO_SUCH_FILE

function connect(how) {
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.on('ready', () => client.sftp((why, channel) => {
      if (why) return reject(why);
      const functions = { client };
      for (const name of ['fastPut', 'fastGet', 'readFile', 'writeFile', 'appendFile', 'open', 'close', 'write', 'read',
        'stat', 'rename', 'ext_openssh_rename', 'mkdir', 'rmdir', 'unlink', 'readdir', 'utimes', 'chmod', 'setstat',
        'realpath', 'symlink', 'ext_openssh_hardlink', 'ext_openssh_statvfs', 'ext_openssh_fsync']) {
        functions[name] = promisify(channel[name]).bind(channel);
      }
      return resolve(functions);
    })).on('error', reject).connect(how);
  });
}

async function writeAt(sftp, name, flags, pieces) {
  const handle = await sftp.open(name, flags);
  await Promise.all(pieces.map(([at, bytes]) => sftp.write(handle, bytes, 0, bytes.length, at)));
  await sftp.close(handle);
}

async function fetchTree(sftp, folder) {
  fs.mkdirSync(here('back', folder));
  for (const entry of await sftp.readdir(folder)) {
    const name = `${folder}/${entry.filename}`;
    if (entry.attrs.isDirectory()) await fetchTree(sftp, name);
    else await sftp.fastGet(name, here('back', name));
  }
}

const story = (sftp) => ({
  'password': async () => {
    const other = await connect(withPassword);
    assert.strictEqual(await other.realpath('.'), HOME);
    other.client.end();
  },
  'put': async () => {
    for (const name of ['large', 'small', 'empty']) {
      await sftp.fastPut(here(name), name);
      assert.strictEqual((await sftp.stat(name)).size, read(name).length);
    }
  },
  'get': async () => {
    for (const name of ['large', 'small', 'empty']) await sftp.fastGet(name, here('back', name));
  },
  'resume-put': async () => {
    const large = read('large');
    await sftp.writeFile('resumed', large.subarray(0, large.length / 3));
    const at = (await sftp.stat('resumed')).size;
    await writeAt(sftp, 'resumed', 'r+', [[at, large.subarray(at)]]);
  },
  'resume-get': async () => {
    const part = here('back', 'resumed');
    const handle = await sftp.open('large', 'r');
    const size = (await sftp.stat('large')).size;
    for (let at = fs.statSync(part).size; at < size;) {
      const piece = Buffer.alloc(Math.min(30000, size - at));
      const got = await sftp.read(handle, piece, 0, piece.length, at);
      fs.appendFileSync(part, piece.subarray(0, got));
      at += got;
    }
    await sftp.close(handle);
  },
  'append': async () => {
    await sftp.writeFile('appended', read('small'));
    await sftp.appendFile('appended', read('changed'));
  },
  'out-of-order': async () => {
    const large = read('large');
    const pieces = [];
    for (let at = large.length - BLOCK; at >= 0; at -= BLOCK) pieces.push([at, large.subarray(at, at + BLOCK)]);
    await writeAt(sftp, 'scattered', 'w', pieces);
  },
  'overwrite': async () => {
    await sftp.writeFile('patched', read('large'));
    await writeAt(sftp, 'patched', 'r+', [[PATCH_AT, read('small')]]);
  },
  'truncate': async () => {
    await sftp.writeFile('cut', read('large'));
    await sftp.setstat('cut', { size: CUT });
  },
  'rename': async () => {
    await sftp.writeFile('renaming', read('small'));
    await refused(() => sftp.rename('renaming', 'large'));
    await sftp.rename('renaming', 'renamed');
  },
  'rename-over': async () => {
    await sftp.writeFile('target', read('small'));
    await sftp.writeFile('target.filepart', read('changed'));
    await sftp.ext_openssh_rename('target.filepart', 'target');
  },
  'recursive': async () => {
    for (const [name, isFolder] of tree('tree')) {
      if (isFolder) await sftp.mkdir(name);
      else await sftp.fastPut(here(name), name);
    }
    await fetchTree(sftp, 'tree');
  },
  'glob': async () => {
    for (const name of ['glob-a.txt', 'glob-b.txt', 'glob-c.dat']) await sftp.writeFile(name, read('small'));
    fs.mkdirSync(here('back', 'globbed'));
    for (const { filename } of await sftp.readdir('.')) {
      if (/^glob-.*\.txt$/.test(filename)) await sftp.fastGet(filename, here('back', 'globbed', filename));
    }
  },
  'unicode': async () => {
    const other = UNICODE.normalize('NFD');
    await sftp.writeFile(UNICODE, read('small'));
    await sftp.writeFile(other, read('changed'));
    const listed = (await sftp.readdir('.')).map((entry) => entry.filename);
    assert(listed.includes(UNICODE) && listed.includes(other));
  },
  'long-name': async () => {
    await sftp.writeFile(LONG, read('small'));
    await refused(() => sftp.writeFile(`${LONG}n`, ''));
  },
  'times': async () => {
    await sftp.writeFile('dated', read('small'));
    await sftp.utimes('dated', DATED, DATED);
    assert.strictEqual((await sftp.stat('dated')).mtime, DATED);
  },
  'permissions': async () => {
    await sftp.writeFile('moded', read('small'));
    await sftp.chmod('moded', MODE);
    assert.strictEqual((await sftp.stat('moded')).mode & 0o777, MODE);
  },
  'many': async () => {
    await sftp.mkdir('many');
    for (let first = 0; first < MANY; first += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, number) => sftp.writeFile(`many/${first + number}`, '')));
    }
    assert.strictEqual((await sftp.readdir('many')).length, MANY);
  },
  'space': async () => assert((await sftp.ext_openssh_statvfs('.')).f_bavail > 0),
  'links': async () => {
    await refused(() => sftp.symlink('large', 'link'));
    await refused(() => sftp.ext_openssh_hardlink('large', 'link'));
    assert.strictEqual(await sftp.realpath('.'), HOME);
  },
  'errors': async () => {
    for (const attempt of ['stat', 'readFile', 'unlink', 'readdir']) await refused(() => sftp[attempt]('missing'), MISSING);
    await sftp.mkdir('full');
    await sftp.writeFile('full/file', '');
    for (const attempt of ['mkdir', 'rmdir', 'unlink']) await refused(() => sftp[attempt]('full'));
    await refused(() => sftp.writeFile('full', ''));
  },
  'remove': async () => {
    await sftp.writeFile('removed', read('small'));
    await sftp.unlink('removed');
    await sftp.mkdir('removed-folder');
    await sftp.rmdir('removed-folder');
  },
});

connect(withKey).then(async (sftp) => {
  await tell(story(sftp));
  sftp.client.end();
});
