/** The real Active Directory forests of the tests: NORTH, of two domains, and SOUTH, which trusts it and is trusted. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { type DirectoryServer, readSettings, runScript } from './directory-server.ts';

/** A domain controller of `samba-forests`. */
export type Controller = 'n1' | 'n2' | 's1' | 'c1' | 'r1';

/** One controller of one domain, as tests see it. */
export interface ControllerServer extends DirectoryServer {
  /** Its full host name, to which its certificate is made out beside its address. */
  readonly host: string;
  /** Loopback address; also the name server and the KDC of the domain. */
  readonly address: string;
  /** The DNS name of its domain. */
  readonly domain: string;
  readonly netbios: string;
  /** Of the global catalogue: ldaps:// */
  readonly gcUrl: string;
  /** Of the global catalogue: ldap://, for StartTLS. */
  readonly gcStartTlsUrl: string;
  /** For KRB5_CONFIG. */
  readonly krb5Config: string;
}

export interface Forests {
  /** The controllers of north.example.com, whose directory they both keep, and the global catalogue of its forest. */
  readonly n1: ControllerServer;
  readonly n2: ControllerServer;
  /** The controller of south.example.net. */
  readonly s1: ControllerServer;
  /** The controller of child.north.example.com, in the forest of `n1`. Its name server is n1, and it is no catalogue. */
  readonly c1: ControllerServer;
  /**
   * A read-only controller of north.example.com that keeps nobody's password: it asks n1 or n2. It does not run until
   * `resume('r1')`; `halt` it again.
   */
  readonly r1: ControllerServer;
}

const script = 'samba-forests';

/** Waits until no other test file uses the forests, and keeps them until this process ends: some freeze what others need. */
async function takeTurn(): Promise<void> {
  const turn = { path: '\0passerelle-forests' };
  for (;;) {
    const server = createServer((waiting) => {
      waiting.on('error', () => undefined).unref();
    });
    server.unref().listen(turn);
    const taken = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (taken) {
      return;
    }
    const holder = connect(turn);
    await new Promise((resolve) => {
      holder.on('error', resolve).on('close', resolve).resume();
    });
  }
}

/**
 * Starts what does not run, thaws what is frozen, and leaves all running. One test file at a time has them: call it in
 * `before` of the whole file.
 */
export async function forests(): Promise<Forests> {
  await takeTurn();
  await runScript(script, ['start']);
  const setting = await readSettings(script);
  const controller = (name: Controller): ControllerServer => {
    const own = (key: string): string => setting(`${name.toUpperCase()}_${key}`);
    const domain = own('AD_REALM').toLowerCase();
    return {
      url: own('AD_URL'),
      startTlsUrl: own('AD_STARTTLS_URL'),
      caFile: own('AD_CA'),
      baseDn: own('AD_BASE_DN'),
      bindDn: `svc-ldap@${domain}`,
      password: own('AD_PASSWORD'),
      administrator: own('AD_ADMIN'),
      host: own('AD_HOST'),
      address: own('AD_ADDRESS'),
      domain,
      netbios: own('AD_NETBIOS'),
      gcUrl: own('AD_GC_URL'),
      gcStartTlsUrl: own('AD_GC_STARTTLS_URL'),
      krb5Config: own('KRB5_CONFIG'),
    };
  };
  return { n1: controller('n1'), n2: controller('n2'), s1: controller('s1'), c1: controller('c1'), r1: controller('r1') };
}

/** Stops its processes where they stand: connections open and are not answered. */
export const freeze = (controller: Controller): Promise<unknown> => runScript(script, ['freeze', controller]);

/** Lets the processes of a frozen controller go on. */
export const thaw = (controller: Controller): Promise<unknown> => runScript(script, ['thaw', controller]);

/** Ends a controller: connections are refused. */
export const halt = (controller: Controller): Promise<unknown> => runScript(script, ['halt', controller]);

/** Starts a controller that was ended; resolves when it answers. */
export const resume = (controller: Controller): Promise<unknown> => runScript(script, ['resume', controller]);

/** Gives a controller another certificate and restarts it; `valid` puts things right again. */
export const certify = (controller: Controller, kind: 'valid' | 'expired' | 'foreign'): Promise<unknown> =>
  runScript(script, ['certify', controller, kind]);

/** Brings what changed on one controller of NORTH over to the other at once, which else takes a second or two. */
export const replicate = (from: 'n1' | 'n2', to: 'n1' | 'n2'): Promise<unknown> => runScript(script, ['replicate', from, to]);

/** Brings what changed in the child domain into the global catalogues of n1 and n2; nothing else does. */
export const catalogue = (): Promise<unknown> => runScript(script, ['catalogue', 'c1']);

/** Whether a controller of NORTH takes the changes of the other. */
export const takeChanges = (controller: 'n1' | 'n2', takes: boolean): Promise<unknown> =>
  runScript(script, ['replication', controller, takes ? 'on' : 'off']);

/** Puts a person into so many groups, one within the other in chains of `depth`: `NAME-0000`, `NAME-0001` … under OU=Bulk. */
export const joinManyGroups = (controller: Controller, account: string, groups: number, depth = 1): Promise<unknown> =>
  runScript(script, ['person', controller, account, String(groups), String(depth)]);

/** Makes a group of so many people, who are disabled: `NAME-m00000` … under OU=Bulk. */
export const makeLargeGroup = (controller: Controller, account: string, members: number): Promise<unknown> =>
  runScript(script, ['group', controller, account, String(members)]);
