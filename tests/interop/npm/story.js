// What the two drivers in JavaScript share. What the steps are: scene.py.
'use strict';
const fs = require('fs');
const path = require('path');
const assert = require('assert');

const env = (name) => process.env[`INTEROP_${name}`];
const here = (...names) => path.join(env('HERE'), ...names);
const read = (name) => fs.readFileSync(here(name));

class Absent extends Error {}

async function refused(attempt, code) {
  try {
    await attempt();
  } catch (why) {
    if (code !== undefined) assert.strictEqual(why.code, code);
    return;
  }
  throw new Error('this was not refused');
}

// What lies in a local folder, each after what it lies in: [path below HERE, is a folder].
function* tree(folder) {
  yield [folder, true];
  for (const entry of fs.readdirSync(here(folder), { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* tree(name);
    else yield [name, false];
  }
}

async function tell(steps) {
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
      console.log(`ok ${name}`);
    } catch (why) {
      console.log(`${why instanceof Absent ? 'absent' : 'failed'} ${name}: ${String(why.message).split('\n')[0]}`);
    }
  }
}

const login = { host: '127.0.0.1', port: Number(env('PORT')), username: env('USER') };
module.exports = {
  withKey: { ...login, privateKey: fs.readFileSync(env('KEY')) },
  withPassword: { ...login, password: env('PASSWORD') },
  HOME: `/home/${env('USER')}`,
  BLOCK: 256 << 10, CUT: 5000, PATCH_AT: 100000, DATED: 1000000000, MODE: 0o640, MANY: 300,
  UNICODE: 'Grüße 表 🎉.txt', LONG: 'n'.repeat(251) + '.txt',
  Absent, here, read, refused, tree, tell,
};
