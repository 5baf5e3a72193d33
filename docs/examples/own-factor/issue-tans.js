/** Prints a new list of codes for a person: node issue-tans.js FILE OBJECTGUID */
import { createTanLists } from './tan-lists.js';

const [file, objectGUID] = process.argv.slice(2);
if (file === undefined || objectGUID === undefined) throw new Error('Usage: node issue-tans.js FILE OBJECTGUID');
const codes = await createTanLists(file).issue(objectGUID.toLowerCase());
for (const [index, code] of codes.entries()) process.stdout.write(`${String(index + 1).padStart(2)}  ${code}\n`);
