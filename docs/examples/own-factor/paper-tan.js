/** A factor of one's own, complete: one-time codes on paper. `settings.file` names the lists, which issue-tans.js writes. */
import { createTanLists } from './tan-lists.js';

const messages = {
  en: (/** @type {string} */ number) => `Type code number ${number} of your list.`,
  de: (/** @type {string} */ number) => `Geben Sie den Code Nummer ${number} Ihrer Liste ein.`,
};

/** @type {import('./own-factor.d.ts').OpenOwnFactor} */
export default function openPaperTan({ settings, note }) {
  const { file, warnBelow = 5 } = settings;
  if (typeof file !== 'string' || !file.startsWith('/')) throw new Error('settings.file must be a path that begins with /');
  const lists = createTanLists(file);

  return {
    title: { en: 'Code from your list', de: 'Code von Ihrer Liste' },

    enrolled: async ({ objectGUID }) => (await lists.left(objectGUID)) > 0,

    async challenge(person, { locale }) {
      const number = await lists.choose(person?.objectGUID);
      const message = locale.startsWith('de') ? messages.de(number) : messages.en(number);
      return { kind: 'code', message, state: { number } };
    },

    async verify(person, { code = '' }, { state }) {
      const { number } = /** @type {{ number: string }} */ (state);
      const typed = code.replaceAll(/\s/g, '');
      if (!(await lists.take(person?.objectGUID, number, typed)) || person === undefined)
        return { verdict: 'refused', reason: 'code-wrong' };
      const left = await lists.left(person.objectGUID);
      if (left < Number(warnBelow)) note('warn', `${person.objectGUID} has ${String(left)} codes left`);
      return { verdict: 'accepted' };
    },
  };
}
