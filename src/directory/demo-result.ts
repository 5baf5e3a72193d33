/** The closing message of an operation of the demo directory (RFC 4511 §4.1.9). */
import { BerWriter, type Control } from 'ldapts';

const CONTROLS = 0xa0;

export function writeResult(id: number, operation: number, code: number, message = '', control?: Control): Buffer {
  const writer = new BerWriter({ size: 512 });
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(operation);
  writer.writeEnumeration(code);
  writer.writeString('');
  writer.writeString(message);
  writer.endSequence();
  if (control !== undefined) {
    writer.startSequence(CONTROLS);
    control.write(writer);
    writer.endSequence();
  }
  writer.endSequence();
  return writer.buffer;
}
