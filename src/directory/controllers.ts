/** The domain controllers of one domain, or the global catalogs of a forest: which is asked, and what happens where one fails. */
import { type Clock } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import { isUnwell } from './bind-refusal.ts';
import { type Connection, openConnection } from './connection.ts';
import { createConnectionPool } from './connection-pool.ts';
import { type Endpoint, endpointOf } from './endpoint.ts';
import { refusalOf } from './ldap-refusal.ts';
import { createServerChoice } from './server-choice.ts';
import { Unanswered } from './unanswered.ts';

/** An operation on one connection; where a controller fails it runs again on another, so it must bear that. */
export type Operation<Result> = (connection: Connection) => Promise<Result>;

/** Which controller is meant. */
export interface Wish {
  /** Host and port of the one to ask first. */
  readonly first?: string | undefined;
}

/** Every method throws Refusal directory-unavailable where no controller answers, and what `operation` throws. */
export interface Controllers {
  /** Runs it on a connection of the service account. @throws Refusal also directory-refused where that is not let in */
  asService<Result>(operation: Operation<Result>, wish?: Wish): Promise<Result>;
  /** Runs it on a connection on which nobody is bound for sure. */
  asPerson<Result>(operation: Operation<Result>, wish?: Wish): Promise<Result>;
  /** The one that answered last; before any did, the first. Host and port. */
  readonly name: string;
  close(): void;
}

export interface ControllersOptions {
  /** At least one. */
  readonly controllers: readonly { readonly url: string; readonly site?: string | undefined; readonly priority: number }[];
  readonly startTls: boolean;
  /** Reads the certificates (PEM) that vouch for the servers; undefined for the well-known authorities. */
  readonly ca: (() => string) | undefined;
  readonly bindDn: string;
  readonly password: string;
  /** The site that Passerelle stands in. */
  readonly site: string | undefined;
  /** Milliseconds. */
  readonly connectTimeout: number;
  /** Milliseconds, for one search or bind, and for the wait until a connection is free. */
  readonly operationTimeout: number;
  /** Milliseconds that one controller may take while another could be asked. */
  readonly failoverAfter: number;
  /** How many connections of the service account at most, and as many again for passwords. */
  readonly connections: number;
  readonly clock: Clock;
}

/** @throws TypeError where there is no controller, or a URL of another kind */
export function createControllers(options: ControllersOptions): Controllers {
  const { connectTimeout, operationTimeout, clock } = options;
  const [first, ...others] = options.controllers.map(({ url }) => endpointOf(url, options.startTls));
  if (first === undefined) throw new TypeError('a directory needs at least one controller');
  const servers = createServerChoice([first, ...others]);

  const open = (endpoint: Endpoint): Promise<Connection> =>
    openConnection(endpoint, options.ca?.(), connectTimeout, operationTimeout);

  async function openBound(endpoint: Endpoint): Promise<Connection> {
    const connection = await open(endpoint);
    const result = await connection.bind(options.bindDn, options.password);
    if (result.code !== 0) {
      connection.close();
      if (isUnwell(result.code)) {
        throw new Unanswered(endpoint.name, `service account: LDAP code ${String(result.code)}`, true);
      }
      throw refusalOf('directory-refused', endpoint.name, 'bind of the service account', result);
    }
    return connection;
  }

  const service = createConnectionPool(() => servers.first(openBound), options.connections, operationTimeout, clock);
  const passwords = createConnectionPool(() => servers.first(open), options.connections, operationTimeout, clock);

  /** @throws Refusal directory-unavailable in place of Unanswered */
  async function answered<Result>(operation: Promise<Result>): Promise<Result> {
    try {
      return await operation;
    } catch (error) {
      if (error instanceof Unanswered) {
        throw new Refusal('directory-unavailable', { server: error.server || servers.name, cause: error.message });
      }
      throw error;
    }
  }

  return {
    asService: (operation) => answered(service.use(operation)),
    asPerson: (operation) => answered(passwords.use(operation)),
    get name() {
      return servers.name;
    },
    close() {
      service.close();
      passwords.close();
    },
  };
}
