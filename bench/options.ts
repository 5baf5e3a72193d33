/** What a run measures, and for how long. */

export interface Options {
  /** Print JSON alone. */
  readonly json: boolean;
  /** Write the table into docs/performance.md. */
  readonly docs: boolean;
  /** Measure OpenLDAP too. */
  readonly openldap: boolean;
  /** Measure PostgreSQL too. */
  readonly postgres: boolean;
  /** Measure a large Active Directory too. */
  readonly samba: boolean;
  readonly users: readonly number[];
  /** Milliseconds of load that are measured. */
  readonly measured: number;
  /** Milliseconds of load before each deed is measured for the first time: V8 takes thousands of sign-ins to compile them well. */
  readonly warmUp: number;
  /** Milliseconds of one round of raw signatures. */
  readonly signing: number;
  /** Rounds of what is measured in a process of its own. */
  readonly rounds: number;
  readonly starts: number;
  /** The large directory that a sign-in is measured in beside a small one. */
  readonly scale: { readonly people: number; readonly groups: number };
  readonly scaleRounds: number;
  /** Of one and two processes, in turn. */
  readonly nodesRounds: number;
  /** In the store that is swept. */
  readonly sessions: number;
}

const usage = `Usage: npm run bench -- [--quick] [--json] [--docs] [--no-openldap] [--no-postgres] [--samba]

  --quick        under half a minute, less exact
  --json         print JSON alone, without the table
  --docs         write the table into docs/performance.md
  --no-openldap  leave out slapd
  --no-postgres  leave out the store that is PostgreSQL
  --samba        also among 10,000 people of Active Directory; needs root and some minutes more`;

const many = { scale: { people: 100_000, groups: 10_000 }, scaleRounds: 5, sessions: 1_000_000 };
const fewer = { scale: { people: 5_000, groups: 500 }, scaleRounds: 1, sessions: 20_000 };
const thorough = {
  users: [1, 8, 32],
  measured: 6_000,
  warmUp: 8_000,
  signing: 1_000,
  rounds: 15,
  starts: 5,
  nodesRounds: 2,
  ...many,
};
const quick = { users: [8], measured: 1_500, warmUp: 1_500, signing: 300, rounds: 5, starts: 1, nodesRounds: 1, ...fewer };

/** @throws Error for an option that there is not */
export function readOptions(argv: readonly string[]): Options {
  const known = ['--quick', '--json', '--docs', '--no-openldap', '--no-postgres', '--samba'];
  const unknown = argv.find((argument) => !known.includes(argument));
  if (unknown !== undefined) throw new Error(`there is no ${unknown}\n${usage}`);
  return {
    json: argv.includes('--json'),
    docs: argv.includes('--docs'),
    openldap: !argv.includes('--no-openldap'),
    postgres: !argv.includes('--no-postgres'),
    samba: argv.includes('--samba'),
    ...(argv.includes('--quick') ? quick : thorough),
  };
}
