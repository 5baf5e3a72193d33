/** Lists of paper TAN codes in one JSON file: of each person, by objectGUID, a salt and the hashes of the codes that are left. */
import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { promisify } from 'node:util';

/** @typedef {{ salt: string, left: Record<string, string> }} TanList the hashes by number */
/** @typedef {Record<string, TanList>} TanLists */

const codes = 20;
const hash = /** @type {(code: string, salt: Buffer, length: number) => Promise<Buffer>} */ (promisify(scrypt));

/** @param {string} file @returns {Promise<TanLists>} */
async function read(file) {
  /** @type {TanLists} */
  const lists = JSON.parse(await readFile(file, 'utf8'));
  return lists;
}

/** All of it or nothing, whatever happens meanwhile. @param {string} file @param {TanLists} lists */
async function write(file, lists) {
  const beside = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(beside, 'wx', 0o600);
  try {
    await handle.writeFile(JSON.stringify(lists, undefined, 2));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
}

/** @param {string} file */
export function createTanLists(file) {
  /** One change after the other, so that none is lost and no code counts twice. @type {Promise<unknown>} */
  let last = Promise.resolve();
  /** @template Result @param {() => Promise<Result>} doing @returns {Promise<Result>} */
  const inTurn = (doing) => {
    const done = last.then(doing);
    last = done.catch(() => undefined);
    return done;
  };

  return {
    /** How many are left. @param {string} objectGUID */
    async left(objectGUID) {
      return Object.keys((await read(file))[objectGUID]?.left ?? {}).length;
    },
    /** The number of one that is left; any number for nobody. @param {string | undefined} objectGUID */
    async choose(objectGUID) {
      const lists = await read(file);
      const numbers = Object.keys((objectGUID === undefined ? undefined : lists[objectGUID])?.left ?? {});
      return numbers.length === 0 ? String(randomInt(codes) + 1) : /** @type {string} */ (numbers[randomInt(numbers.length)]);
    },
    /** Whether it is the code of that number, which is then gone. @param {string | undefined} objectGUID @param {string} number @param {string} code */
    take: (objectGUID, number, code) =>
      inTurn(async () => {
        const lists = await read(file);
        const list = objectGUID === undefined ? undefined : lists[objectGUID];
        const expected = list?.left[number];
        // The same effort where there is none.
        const made = await hash(code, Buffer.from(list?.salt ?? '', 'base64'), 32);
        if (list === undefined || expected === undefined) return false;
        if (!timingSafeEqual(made, Buffer.from(expected, 'base64'))) return false;
        const left = Object.fromEntries(Object.entries(list.left).filter(([other]) => other !== number));
        await write(file, { ...lists, [String(objectGUID)]: { ...list, left } });
        return true;
      }),
    /** A new list in place of an old one; answers the codes, which are kept nowhere. @param {string} objectGUID */
    issue: (objectGUID) =>
      inTurn(async () => {
        const lists = existsSync(file) ? await read(file) : {};
        const salt = randomBytes(16);
        const made = Array.from({ length: codes }, () => String(randomInt(100_000_000)).padStart(8, '0'));
        const hashes = await Promise.all(made.map((code) => hash(code, salt, 32)));
        const left = Object.fromEntries(hashes.map((one, index) => [String(index + 1), one.toString('base64')]));
        await write(file, { ...lists, [objectGUID]: { salt: salt.toString('base64'), left } });
        return made;
      }),
  };
}
