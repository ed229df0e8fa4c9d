// ssh2-sftp-client of npm, as applications use it. What the steps are: scene.py.
'use strict';
const assert = require('assert');
const fs = require('fs');
const { finished } = require('stream/promises');
const Client = require('ssh2-sftp-client');
const { withKey, withPassword, HOME, CUT, PATCH_AT, MODE, MANY, UNICODE, LONG, Absent, here, read, refused, tell } =
  require('./story');

const absent = (what) => async () => {
  throw new Absent(`ssh2-sftp-client has no function ${what}`);
};

// put() closes before it answers; options of the stream choose flags and place.
const putAt = (sftp, bytes, name, start) => sftp.put(bytes, name, { writeStreamOptions: { flags: 'r+', start } });

const story = (sftp) => ({
  'password': async () => {
    const other = new Client();
    await other.connect(withPassword);
    assert.strictEqual(await other.cwd(), HOME);
    await other.end();
  },
  'put': async () => {
    await sftp.fastPut(here('large'), 'large');
    await sftp.put(fs.createReadStream(here('small')), 'small');
    await sftp.put(here('empty'), 'empty');
    for (const name of ['large', 'small', 'empty']) assert.strictEqual((await sftp.stat(name)).size, read(name).length);
  },
  'get': async () => {
    await sftp.fastGet('large', here('back', 'large'));
    await sftp.get('small', fs.createWriteStream(here('back', 'small')));
    await sftp.get('empty', here('back', 'empty'));
  },
  'resume-put': async () => {
    const large = read('large');
    await sftp.put(large.subarray(0, large.length / 3), 'resumed');
    const at = (await sftp.stat('resumed')).size;
    await putAt(sftp, large.subarray(at), 'resumed', at);
  },
  'resume-get': async () => {
    const part = here('back', 'resumed');
    const target = fs.createWriteStream(part, { flags: 'a' });
    await sftp.get('large', target, { readStreamOptions: { start: fs.statSync(part).size } });
    await finished(target);
  },
  'append': async () => {
    await sftp.put(read('small'), 'appended');
    await sftp.append(read('changed'), 'appended');
  },
  'out-of-order': absent('to write at a place of an open file'),
  'overwrite': async () => {
    await sftp.put(read('large'), 'patched');
    await putAt(sftp, read('small'), 'patched', PATCH_AT);
  },
  'truncate': absent('that sets a size'),
  'rename': async () => {
    await sftp.put(read('small'), 'renaming');
    await refused(() => sftp.rename('renaming', 'large'));
    await sftp.rename('renaming', 'renamed');
  },
  'rename-over': async () => {
    await sftp.put(read('small'), 'target');
    await sftp.put(read('changed'), 'target.filepart');
    await sftp.posixRename('target.filepart', 'target');
  },
  'recursive': async () => {
    await sftp.uploadDir(here('tree'), 'tree');
    await sftp.downloadDir('tree', here('back', 'tree'));
  },
  'glob': async () => {
    for (const name of ['glob-a.txt', 'glob-b.txt', 'glob-c.dat']) await sftp.put(read('small'), name);
    fs.mkdirSync(here('back', 'globbed'));
    for (const { name } of await sftp.list('.', (entry) => /^glob-.*\.txt$/.test(entry.name))) {
      await sftp.fastGet(name, here('back', 'globbed', name));
    }
  },
  'unicode': async () => {
    const other = UNICODE.normalize('NFD');
    await sftp.put(read('small'), UNICODE);
    await sftp.put(read('changed'), other);
    const listed = (await sftp.list('.')).map((entry) => entry.name);
    assert(listed.includes(UNICODE) && listed.includes(other));
  },
  'long-name': async () => {
    await sftp.put(read('small'), LONG);
    await refused(() => sftp.put(read('small'), `${LONG}n`));
  },
  'times': absent('that sets times'),
  'permissions': async () => {
    await sftp.put(read('small'), 'moded');
    await sftp.chmod('moded', MODE);
    assert.strictEqual((await sftp.stat('moded')).mode & 0o777, MODE);
  },
  'many': async () => {
    await sftp.mkdir('many');
    for (let number = 0; number < MANY; number += 1) await sftp.put(Buffer.alloc(0), `many/${number}`);
    assert.strictEqual((await sftp.list('many')).length, MANY);
  },
  'space': absent('that asks for it'),
  'links': absent('for links'),
  'errors': async () => {
    assert.strictEqual(await sftp.exists('missing'), false);
    await refused(() => sftp.stat('missing'), 'ENOENT');
    await refused(() => sftp.get('missing'));
    await refused(() => sftp.delete('missing'));
    await sftp.mkdir('full');
    await sftp.put(Buffer.alloc(0), 'full/file');
    await refused(() => sftp.rmdir('full', false));
  },
  'remove': async () => {
    await sftp.put(read('small'), 'removed');
    await sftp.delete('removed');
    await sftp.mkdir('removed-folder/below', true);
    await sftp.put(read('small'), 'removed-folder/below/file');
    await sftp.rmdir('removed-folder', true);
  },
});

(async () => {
  const sftp = new Client();
  await sftp.connect(withKey);
  await tell(story(sftp));
  await sftp.end();
})();
