/** The first authenticator: the directory judges the password. */
import type { Directory } from '../directory/directory.ts';
import type { Authenticator } from './authenticator.ts';

export function createPasswordAuthenticator(directory: Directory): Authenticator {
  return {
    name: 'password',
    fields: ['password'],
    verify: (person, presented) => directory.authenticate(person, presented.password ?? ''),
  };
}
