/** Reads the few forms of DER that Kerberos and SPNEGO are written in (X.690); whatever else comes is a DerMistake. */

/** The bytes are not what they were to be. */
export class DerMistake extends Error {
  override readonly name = 'DerMistake';
}

/** Tags as written: class, whether constructed, number. */
export const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  generalizedTime: 0x18,
  generalString: 0x1b,
  sequence: 0x30,
} as const;
export const context = (number: number): number => 0xa0 | number;
export const application = (number: number): number => 0x60 | number;

interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

/** What stands one after the other in some bytes. */
export class DerReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isDone(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The tag of what comes next; undefined at the end. */
  get next(): number | undefined {
    return this.#bytes[this.#at];
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new DerMistake('cut off');
    this.#at += 1;
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    // 0 would be the indefinite form, which DER has not.
    if (count === 0 || count > 4) throw new DerMistake('a length of another form');
    let length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + this.#byte();
    return length;
  }

  #element(): Element {
    const tag = this.#byte();
    if ((tag & 0x1f) === 0x1f) throw new DerMistake('a tag of another form');
    const length = this.#length();
    if (length > this.#bytes.length - this.#at) throw new DerMistake('cut off');
    this.#at += length;
    return { tag, content: this.#bytes.subarray(this.#at - length, this.#at) };
  }

  /** The content of the next element, which must bear that tag. */
  take(tag: number): Buffer {
    const element = this.#element();
    if (element.tag !== tag) throw new DerMistake(`tag ${element.tag.toString(16)} where ${tag.toString(16)} belongs`);
    return element.content;
  }

  /** What is within the next element, which must bear that tag. */
  open(tag: number): DerReader {
    return new DerReader(this.take(tag));
  }

  /** The one element of that tag within the explicit tag `[number]`. */
  field(number: number, tag: number): Buffer {
    const within = this.open(context(number));
    const content = within.take(tag);
    within.end();
    return content;
  }

  /** As `field`, for what may be missing. */
  optional(number: number, tag: number): Buffer | undefined {
    return this.next === context(number) ? this.field(number, tag) : undefined;
  }

  /** Passes over what may stand under `[number]`, whatever it is. */
  skip(number: number): void {
    if (this.next === context(number)) this.take(context(number));
  }

  /** The whole of the rest. */
  rest(): Buffer {
    const rest = this.#bytes.subarray(this.#at);
    this.#at = this.#bytes.length;
    return rest;
  }

  end(): void {
    if (!this.isDone) throw new DerMistake('more than belongs there');
  }
}

/** The only element of some bytes, opened. */
export function openWhole(bytes: Buffer, tag: number): DerReader {
  const outer = new DerReader(bytes);
  const within = outer.open(tag);
  outer.end();
  return within;
}

/** An INTEGER of 32 bits; one beyond is a mistake. */
export function integerOf(content: Buffer): number {
  if (content.length === 0 || content.length > 5) throw new DerMistake('an integer of another size');
  return content.readIntBE(0, content.length);
}

/** Milliseconds since the epoch (RFC 4120 §5.2.3: no fraction, always Z). */
export function timeOf(content: Buffer): number {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(content.toString('latin1'));
  if (parts === null) throw new DerMistake('a time of another form');
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  return Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second);
}
