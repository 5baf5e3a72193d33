/** The trouble of a directory server that gave no answer: down, cut off, too slow, or not who it should be. */

export class Unanswered extends Error {
  /** Host and port. */
  readonly server: string;
  /** The connection had ended, so that a fresh one may do better; a time limit says nothing of the kind. */
  readonly ended: boolean;

  constructor(server: string, message: string, ended: boolean) {
    super(message);
    this.name = 'Unanswered';
    this.server = server;
    this.ended = ended;
  }
}
