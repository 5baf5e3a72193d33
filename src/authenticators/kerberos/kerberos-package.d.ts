/** The part of the optional package `kerberos` that is used; declared here since the package may not be there. */
declare module 'kerberos' {
  interface KerberosServer {
    readonly username: string | null;
    readonly contextComplete: boolean;
    /** The answer to the client in base64, where there is one. */
    step(token: string): Promise<string | null>;
  }
  export interface Kerberos {
    readonly version: string;
    /** An empty name takes every key of the keytab. */
    initializeServer(service: string): Promise<KerberosServer>;
  }
  const kerberos: Kerberos;
  export default kerberos;
}
