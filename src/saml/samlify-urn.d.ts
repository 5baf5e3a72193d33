/** Types for the one module of samlify that is imported: its root brings every parser it has along, the URNs alone do not. */
declare module 'samlify/build/src/urn.js' {
  export { algorithms, namespace } from 'samlify/types/src/urn.js';
}
